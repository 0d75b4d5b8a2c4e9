package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slapos.master.db.TestDatabase;
import org.slapos.master.party.Requester;
import org.slapos.protocol.SoftwareState;

/// Many clouds, each from a seed: `make simulate`. One that fails says its seed, and is played again by it
/// (`make simulate SEED=n`).
class SimulationTest {
    private static final int EVENTS = Integer.getInteger("slapos.simulate.events", 60);
    static final Requester.Person CHIEF = new Requester.Person("PERSON-3");

    private static String template = "";

    /// The cloud that all of them begin with, made through the doors.
    @BeforeAll
    static void template() {
        var database = TestDatabase.stepped("", new StepByStep());
        template = TestDatabase.name(database);
        try (var cloud = new TestTrades(database)) {
            cloud.welcome(TestTrades.ALICE, "Alice", "customer");
            cloud.welcome(TestTrades.BOB, "Bob", "customer");
            cloud.welcome(CHIEF, "Chief", "production/manager");
            cloud.database.inTransaction(tx -> tx.handle().execute("select setval('person_number', 9)"));
            for (int i = 0; i < Simulation.CUSTOMERS; i++) {
                cloud.welcome(Simulation.customer(i), "customer " + i, "customer");
            }
            for (int i = 1; i <= Simulation.COMPUTERS; i++) {
                var computer = cloud.computer(TestTrades.ALICE, "machine " + i, 3);
                if (i % 10 != 0) {
                    cloud.supply(TestTrades.ALICE, computer, TestTrades.HELLO, SoftwareState.AVAILABLE);
                }
                offer(cloud, computer.text(), i);
            }
            cloud.json(
                    CHIEF,
                    "slapos.put.v0.instance_pool",
                    "{\"software_release_uri\": \"" + TestTrades.HELLO + "\", \"size\": 3}");
        }
    }

    private static void offer(TestTrades cloud, String computer, int number) {
        var answer = cloud.json(
                TestTrades.ALICE,
                "slapos.put.v0.compute_node_offer",
                "{\"computer_guid\": \"" + computer + "\", \"settings\": {\"price\": \"" + Simulation.price(number)
                        + "EUR/month\", \"region\": \"" + (number % 3 == 0 ? "america" : "europe/west/france")
                        + "\", \"memory\": \"" + (16 << number % 4) + "GB\"}}");
        assertThat(answer.path("title").asText()).isEqualTo("Offer changed");
    }

    @Test
    void whateverIsLostAndWhoeverDiesNothingIsTakenTwiceAndNothingAcknowledgedIsLost() throws InterruptedException {
        var one = Optional.ofNullable(Long.getLong("slapos.simulate.seed"));
        long first = one.orElse(Long.getLong("slapos.simulate.first", 1));
        long last = one.orElse(first - 1 + Long.getLong("slapos.simulate.seeds", 20));
        var next = new AtomicLong(first);
        var counts = new ConcurrentSkipListMap<String, Integer>();
        var done = new AtomicLong();
        long begin = System.nanoTime();
        // A cloud is on one thread; several are played at once.
        try (var players = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            var playing = Stream.generate(() -> players.submit(() -> {
                        for (long seed = next.getAndIncrement(); seed <= last; seed = next.getAndIncrement()) {
                            play(seed).forEach((what, times) -> counts.merge(what, times, Integer::sum));
                            if (done.incrementAndGet() % 50 == 0) {
                                say(done.get(), begin, counts);
                            }
                        }
                        return next;
                    }))
                    .limit(Runtime.getRuntime().availableProcessors())
                    .toList();
            for (var player : playing) {
                player.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e.getMessage(), e);
        }
        say(done.get(), begin, counts);
        assertThat(done).hasValue(last - first + 1);
    }

    private static Map<String, Integer> play(long seed) throws SQLException {
        try (var simulation = new Simulation(seed, template)) {
            simulation.run(EVENTS);
            return simulation.counts();
        } catch (AssertionError e) {
            throw new AssertionError(
                    "seed " + seed + " (make simulate SEED=" + seed + " plays it again): " + e.getMessage(), e);
        }
    }

    private static void say(long seeds, long begin, Map<String, Integer> counts) {
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf(
                "simulated %d seeds of %d events, %d Computers and %d customers: %.2f seeds per second; %s%n",
                seeds, EVENTS, Simulation.COMPUTERS, Simulation.CUSTOMERS, seeds / seconds, counts);
    }

    /// The same seed tells the same story: otherwise a failure could not be played again.
    @Test
    void aSeedIsTheSameStoryEachTime() throws SQLException {
        var stories = new ArrayList<Map<String, SimulatedCustomer.Wish>>();
        for (int i = 0; i < 2; i++) {
            try (var simulation = new Simulation(4711, template)) {
                simulation.run(60);
                stories.add(simulation.said());
            }
        }
        assertThat(stories.getFirst()).isNotEmpty().isEqualTo(stories.getLast());
    }
}
