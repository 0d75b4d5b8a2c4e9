package org.slapos.master;

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
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.slapos.master.db.Database;
import org.slapos.master.db.TestDatabase;
import org.slapos.master.http.Answer;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;

/// A cloud of fifty Computers and two hundred customers on one thread, from one seed: requests and reports over a link
/// that loses and repeats, a Master that dies between any two statements and forgets all but its database, nodes that
/// die, prices and scopes that change. After each event what must always be true is looked at ([Invariants]).
final class Simulation implements AutoCloseable {
    static final int COMPUTERS = 50;
    static final int CUSTOMERS = 200;
    private static final int WHOLE_PICTURE_EVERY = 10;
    private static final int TOLD = 40;
    private static final int STATEMENTS_OF_A_REQUEST = 30;

    private final Random random;
    private final StepByStep hands;
    private final Database database;
    private final String name;
    private final List<SimulatedNode> nodes;
    private final List<SimulatedCustomer> customers;
    private final Invariants invariants;
    private final Deque<String> told = new ArrayDeque<>();
    private final Map<String, Integer> counts = new TreeMap<>();
    private TestTrades master;
    private Duration elapsed = Duration.ZERO;
    private int fuse;

    /// The Master died before that statement.
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
        this.master = new TestTrades(database);
        hands.listen(database.address());
        database.beforeEachStatement(this::before);
        this.nodes = IntStream.rangeClosed(1, COMPUTERS)
                .boxed()
                .sorted(Comparator.comparingInt(Simulation::price)) // where most is placed, most happens
                .map(i -> new SimulatedNode(new ComputerId("COMP-" + i), this::send, random))
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
                hands.deliver();
                invariants.check(master, i % WHOLE_PICTURE_EVERY == 0 || i == events - 1);
            }
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    e.getMessage() + "\nThe last events, the latest last:\n  " + String.join("\n  ", told), e);
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
            advance(random.nextInt(60) == 0 ? 700 : random.nextInt(20));
        } else if (chance < 94) {
            work();
        } else if (chance < 98) {
            offer();
        } else {
            note("the Master dies");
            restart();
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
        master.clock.advance(time);
    }

    /// What goes on beside the requests: each by chance, and the Master may die in it.
    private void work() {
        int which = random.nextInt(3);
        dying("work " + which, () -> {
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
        var answer = dying(what, () -> call.apply(master));
        if (answer.isPresent() && fate == 1) {
            count("repeated calls");
            note(what + ": again");
            answer = dying(what, () -> call.apply(master));
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

    /// One of 25 times the Master dies before some statement of it, or after the last and before it answers.
    private <T> Optional<T> dying(String what, Supplier<T> work) {
        note(what);
        fuse = random.nextInt(25) == 0 ? 1 + random.nextInt(STATEMENTS_OF_A_REQUEST) : 0;
        try {
            var done = work.get();
            if (fuse > 0 && random.nextBoolean()) {
                throw new Crash("before it answers");
            }
            fuse = 0;
            if (done instanceof Answer answer && answer.status() == 200) {
                count(what.replaceFirst(" .*", "").replaceFirst("^(PERSON|SOFTINST)-.*", "answered requests"));
            }
            return Optional.of(done);
        } catch (Crash crash) {
            note("the Master dies: " + crash.getMessage());
            restart();
            return Optional.empty();
        }
    }

    private void before(String statement) {
        if (fuse > 0 && --fuse == 0) {
            throw new Crash(statement.strip().replaceAll("\\s+", " "));
        }
    }

    /// Another one, which knows what is in the database and nothing else.
    private void restart() {
        fuse = 0;
        count("deaths of the Master");
        hands.forget();
        master = master.restarted(elapsed);
        hands.hearAnew();
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
