package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.slapos.master.db.Database;
import org.slapos.master.db.TestDatabase;
import org.slapos.master.http.Answer;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceInformation;

/// A cloud of fifty Computers and two hundred customers on one thread, from one seed: requests and reports over a link
/// that loses and repeats, two Masters on one database that hear of each other late, of which one dies before any
/// statement or right after any commit and forgets all, nodes that die, prices and scopes that change. After each event
/// what must always be true is looked at, at the end also what must come true ([Invariants]).
final class Simulation implements AutoCloseable {
    static final int COMPUTERS = 50;
    static final int CUSTOMERS = 200;
    private static final int WHOLE_PICTURE_EVERY = 10;
    private static final int TOLD = 40;
    private static final int STATEMENTS_OF_A_REQUEST = 30;
    private static final int FOLLOWS_OF_A_REQUEST = 2;
    private static final int MASTERS = 2;

    private final Random random;
    private final StepByStep hands;
    private final Database database;
    private final String name;
    private final List<SimulatedNode> nodes;
    private final List<SimulatedCustomer> customers;
    private final Invariants invariants;
    private final Deque<String> told = new ArrayDeque<>();
    private final Map<String, Integer> counts = new TreeMap<>();
    private final TestTrades[] masters = new TestTrades[MASTERS];
    private Duration elapsed = Duration.ZERO;
    private int statementsLeft;
    private int commitsLeft;

    /// The Master died at that statement or commit.
    static final class Crash extends Error {
        private static final long serialVersionUID = 1L;

        Crash(String statement) {
            super(statement, null, false, false);
        }
    }

    /// What came back over the link.
    ///
    /// @param answer nothing = it, or the call, was lost
    /// @param isSent whether the Master may have done it
    record Sent(Optional<Answer> answer, boolean isSent) {}

    /// How callers reach the Master.
    @FunctionalInterface
    interface Link {
        Sent send(String what, Function<TestTrades, Answer> call);
    }

    /// @param template the database that it begins with
    Simulation(long seed, String template) throws SQLException {
        this.random = new Random(seed);
        this.hands = new StepByStep();
        this.database = TestDatabase.stepped(template, hands);
        this.name = TestDatabase.name(database);
        for (int i = 0; i < MASTERS; i++) {
            hands.starts(i);
            masters[i] = new TestTrades(database);
        }
        hands.listen(database.address());
        database.beforeEachStatement(this::before);
        hands.afterCommit(this::afterCommit);
        this.nodes = IntStream.rangeClosed(1, COMPUTERS)
                .boxed()
                .sorted(Comparator.comparingInt(Simulation::price)) // where most is placed, most happens
                .map(i -> new SimulatedNode(new ComputerId("COMP-" + i), this::send, random, this::requireGone))
                .toList();
        this.customers = new ArrayList<>(IntStream.range(0, CUSTOMERS)
                .mapToObj(i -> new SimulatedCustomer(customer(i), this::send, random))
                .toList());
        this.invariants = new Invariants(database, customers);
    }

    /// What a month on the Computer of that number costs at first, in EUR.
    static int price(int computer) {
        return 3 + computer % 7;
    }

    static Requester.Person customer(int number) {
        return new Requester.Person("PERSON-" + (number + 10));
    }

    /// That many events, one after the other.
    ///
    /// @throws AssertionError when something was not true after one of them; it tells the last ones
    void run(int events) {
        try {
            for (int i = 0; i < events; i++) {
                event();
                if (random.nextInt(4) > 0) {
                    hands.deliver();
                }
                invariants.check(masters[i % MASTERS], i % WHOLE_PICTURE_EVERY < MASTERS || i >= events - MASTERS);
            }
            settle();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    e.getMessage() + "\nThe last events, the latest last:\n  " + String.join("\n  ", told), e);
        }
    }

    /// All that was begun is finished, by whoever is there: then everybody knows the same, and nobody waits in vain.
    private void settle() {
        note("all is finished");
        hands.deliver();
        nodes.forEach(node -> masters[random.nextInt(MASTERS)].information(node.id())); // nobody is silent
        for (var master : masters) {
            master.writeContacts();
        }
        for (int i = 0; i < 2; i++) { // what one does may be the other's to follow
            for (var master : masters) {
                master.placeAll();
                master.work();
                hands.deliver();
            }
        }
        hands.starts(MASTERS);
        var fresh = masters[0].restarted(elapsed);
        hands.hearAnew(MASTERS);
        for (var master : masters) {
            Invariants.samePromises(
                    master, fresh, nodes.stream().map(SimulatedNode::id).toList());
            invariants.nobodyWaitsInVain(master);
        }
    }

    /// A node was shown what another Master has ended: no Master shows that any more once it has heard all.
    private void requireGone(InstanceInformation shown) {
        count("late announcements");
        hands.deliver();
        for (var master : masters) {
            assertThat(master.information(shown.computer()).partitions())
                    .noneMatch(partition -> partition
                            .instance()
                            .filter(instance ->
                                    instance.guid().equals(shown.guid()) && instance.state() == shown.state())
                            .isPresent());
        }
    }

    /// What customers were told, by owner and title.
    Map<String, SimulatedCustomer.Wish> said() {
        var said = new TreeMap<String, SimulatedCustomer.Wish>();
        customers.forEach(customer ->
                customer.wishes().forEach((title, wish) -> said.put(customer.reference() + " " + title, wish)));
        return said;
    }

    /// How often what happened.
    Map<String, Integer> counts() {
        return counts;
    }

    private void count(String what) {
        counts.merge(what, 1, Integer::sum);
    }

    private void event() {
        pass(Duration.ofMillis(1)); // no two events are at once
        int chance = random.nextInt(100);
        if (chance < 45) {
            oneOf(customers).act();
        } else if (chance < 70) {
            // Many nodes call between two requests.
            for (int i = 0; i < 5; i++) {
                node().pass();
            }
        } else if (chance < 76) {
            node().format(3 + random.nextInt(3));
        } else if (chance < 79) {
            count("deaths of nodes");
            note("a node dies");
            node().forget();
        } else if (chance < 88) {
            advance(random.nextInt(15) == 0 ? 700 : random.nextInt(20));
        } else if (chance < 94) {
            work();
        } else if (chance < 98) {
            offer();
        } else {
            int which = random.nextInt(MASTERS);
            note("Master " + which + " dies");
            restart(which);
        }
    }

    private SimulatedNode node() {
        return oneOf(nodes);
    }

    /// The first ones more often than the last: what is made lives long enough to be changed, run, ended and replaced.
    private <T> T oneOf(List<T> all) {
        return all.get(random.nextInt(1 + random.nextInt(1 + random.nextInt(all.size()))));
    }

    private void advance(int seconds) {
        note(seconds + " s pass");
        pass(Duration.ofSeconds(seconds));
    }

    private void pass(Duration time) {
        elapsed = elapsed.plus(time);
        for (var master : masters) {
            master.clock.advance(time);
        }
    }

    /// What goes on beside the requests: each by chance, and the Master may die in it.
    private void work() {
        int which = random.nextInt(3);
        dying("work " + which, master -> {
            switch (which) {
                case 0 -> master.placeAll();
                case 1 -> master.work();
                default -> master.writeContacts();
            }
            return true;
        });
    }

    /// The operator changes a price, or closes and opens a Computer.
    private void offer() {
        var computer = node().id();
        var setting = random.nextBoolean()
                ? "\"price\": \"" + (3 + random.nextInt(7)) + "EUR/month\""
                : "\"scope\": \"" + (random.nextInt(3) == 0 ? "close/maintenance" : "open") + "\"";
        send(
                "offer " + computer + " " + setting,
                master -> master.call(
                        TestTrades.ALICE,
                        "POST",
                        "slapos.put.v0.compute_node_offer",
                        Map.of("content-type", "application/json"),
                        new byte[0],
                        ("{\"computer_guid\": \"" + computer + "\", \"settings\": {" + setting + "}}")
                                .getBytes(StandardCharsets.UTF_8)));
    }

    /// Over a link that loses one call of 25 and one answer of 25, and repeats one of 25.
    private Sent send(String what, Function<TestTrades, Answer> call) {
        int fate = random.nextInt(25);
        count("calls");
        if (fate == 0) {
            count("lost calls");
            note(what + ": lost");
            return new Sent(Optional.empty(), false);
        }
        var answer = dying(what, call);
        if (answer.isPresent() && fate == 1) {
            count("repeated calls");
            note(what + ": again");
            answer = dying(what, call);
        }
        if (answer.isPresent() && answer.get().status() >= 500) {
            throw new AssertionError(
                    what + " is answered by " + answer.get().status() + ": " + TestTrades.text(answer.get()));
        }
        if (answer.isPresent() && fate == 2) {
            count("lost answers");
            note(what + ": the answer is lost");
            return new Sent(Optional.empty(), true);
        }
        return new Sent(answer, true);
    }

    /// By one of the Masters. One of 25 times it dies: before some statement, after some commit, or before it answers.
    private <T> Optional<T> dying(String what, Function<TestTrades, T> work) {
        int which = random.nextInt(MASTERS);
        note(what + ", by " + which);
        int fate = random.nextInt(50);
        statementsLeft = fate == 0 ? 1 + random.nextInt(STATEMENTS_OF_A_REQUEST) : 0;
        commitsLeft = fate == 1 ? 1 + random.nextInt(FOLLOWS_OF_A_REQUEST) : 0;
        try {
            var done = work.apply(masters[which]);
            if (statementsLeft + commitsLeft > 0 && random.nextBoolean()) {
                throw new Crash("before it answers");
            }
            if (done instanceof Answer answer && answer.status() == 200) {
                count(what.replaceFirst(" .*", "").replaceFirst("^(PERSON|SOFTINST)-.*", "answered requests"));
            }
            return Optional.of(done);
        } catch (Crash crash) {
            note("Master " + which + " dies: " + crash.getMessage());
            restart(which);
            return Optional.empty();
        } finally {
            statementsLeft = 0;
            commitsLeft = 0;
        }
    }

    private void before(String statement) {
        if (statementsLeft > 0 && --statementsLeft == 0) {
            throw new Crash("before " + statement.strip().replaceAll("\\s+", " "));
        }
    }

    private void afterCommit() {
        if (commitsLeft > 0 && --commitsLeft == 0) {
            count("deaths after a commit");
            throw new Crash("after a commit");
        }
    }

    /// Another one in its stead, which knows what is in the database and nothing else.
    private void restart(int which) {
        statementsLeft = 0;
        commitsLeft = 0;
        count("deaths of Masters");
        hands.starts(which);
        masters[which] = masters[which].restarted(elapsed);
        hands.hearAnew(which);
    }

    private void note(String event) {
        told.addLast(event);
        if (told.size() > TOLD) {
            told.removeFirst();
        }
    }

    @Override
    public void close() {
        hands.close();
        database.close();
        TestDatabase.drop(name);
    }
}
