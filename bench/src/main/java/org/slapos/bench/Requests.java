package org.slapos.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slapos.protocol.Form;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.client.PemFiles;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.jsonrpc.MarketCall;

/// New requests, repeated ones, and those that a pool has an instance for, over HTTPS on an embedded PostgreSQL that
/// waits for the disk, beside one small durable commit in the same database and minute.
final class Requests {
    private static final int PARTITIONS = 100;
    private static final int WARM_UP = 2000;
    private static final int ALONE = 300;
    private static final int PER_SECOND = 50;
    private static final int ARRIVING = 600;
    private static final int SPARES = 50;

    private final HttpClient client;
    private final URI method;
    private final String release;
    private int titles;

    private Requests(HttpClient client, URI method, String release) {
        this.client = client;
        this.method = method;
        this.release = release;
    }

    /// On a Master of its own, with that many Computers.
    static List<Figure> measure(Installed installed, int computers)
            throws IOException, InterruptedException, SQLException {
        try (var cloud = Cloud.start(installed, "master-" + computers);
                var filler = CloudFiller.of(cloud.data())) {
            var release =
                    cloud.web().resolve("/software/helloworld/software.cfg").toString();
            supplied(cloud, release);
            filler.fill(computers, PARTITIONS, release);
            var tls = PemFiles.context(Optional.of(cloud.personIdentity()), Optional.of(cloud.authority()));
            try (var client = HttpClient.newBuilder().sslContext(tls).build()) {
                var requests = new Requests(client, cloud.slap().resolve("requestComputerPartition"), release);
                return requests.rows(cloud, filler, computers + " x " + PARTITIONS);
            }
        }
    }

    /// Makes the release known, on a Computer without partitions.
    static void supplied(Cloud cloud, String release) throws IOException {
        var computer = cloud.register("first");
        try (var person = cloud.person()) {
            person.supply(release, computer.id(), SoftwareState.AVAILABLE);
        }
    }

    private List<Figure> rows(Cloud cloud, CloudFiller filler, String size)
            throws IOException, InterruptedException, SQLException {
        alone(WARM_UP, true);
        alone(WARM_UP, false); // as often: code that was run a few times costs three times as much
        filler.analyze();
        var before = costs(cloud);
        var commitBefore = filler.commit(100);
        var fresh = alone(ALONE, true);
        var after = costs(cloud);
        var repeated = alone(ALONE, false);
        var arriving = arriving();
        var handedOver = handedOver(cloud);
        double commit = milliseconds(commitBefore.plus(filler.commit(100)).dividedBy(2));
        double planning = (after.planning() - before.planning()) / 1000.0 / ALONE;
        double reading = (after.reading() - before.reading()) / 1000.0 / ALONE;
        var name = size + ": ";
        return List.of(
                new Figure(name + "new request, one client, p50 ms (commit)", at(fresh, 0.5), commit),
                new Figure(name + "new request, one client, p99 ms (commit)", at(fresh, 0.99), commit),
                new Figure(name + "of it planning, mean ms (new request)", planning, at(fresh, 0.5)),
                new Figure(name + "of it reading what changed, mean ms (new request)", reading, at(fresh, 0.5)),
                new Figure(name + "unchanged repeat, p50 ms (new request)", at(repeated, 0.5), at(fresh, 0.5)),
                new Figure(
                        name + "new request, " + PER_SECOND + "/s arriving, p50 ms (commit)",
                        at(arriving, 0.5),
                        commit),
                new Figure(
                        name + "new request, " + PER_SECOND + "/s arriving, p99 ms (commit)",
                        at(arriving, 0.99),
                        commit),
                new Figure(name + "handover of a spare, p50 ms (commit)", at(handedOver, 0.5), commit),
                new Figure(name + "handover of a spare, slowest ms (commit)", at(handedOver, 0.999), commit));
    }

    /// New requests that a pool has running instances for.
    private long[] handedOver(Cloud cloud) throws IOException, InterruptedException {
        var computer = cloud.cheapComputer(2 * SPARES, release);
        try (var person = cloud.person()) {
            var pool = new MarketCall.SetPool(
                    release,
                    InstanceRequest.DEFAULT_TYPE,
                    Optional.empty(),
                    Optional.of(SPARES),
                    MarketCall.SetPool.MOST);
            awaitPool(person, pool, "placed", SPARES);
            cloud.reportStarted(computer);
            awaitPool(person, pool, "running", SPARES);
            var taken = alone(SPARES, true);
            awaitPool(person, pool, "handed_over", SPARES);
            return taken;
        }
    }

    private static void awaitPool(SlapClient person, MarketCall.SetPool pool, String what, int wanted)
            throws InterruptedException {
        for (int i = 0; person.json(pool).json().path(what).asInt() < wanted; i++) {
            if (i == 600) {
                throw new IllegalStateException("after a minute not " + wanted + " " + what + ": "
                        + person.json(pool).json());
            }
            Thread.sleep(100); // as a person who waits asks
        }
    }

    /// What looking for places has cost the Master so far.
    private record Costs(long planning, long reading) {}

    private static Costs costs(Cloud cloud) throws IOException {
        try (var person = cloud.person()) {
            var answer = person.json("slapos.get.v0.market_figures", SlapClient.parameters());
            return new Costs(
                    answer.path("plan_microseconds").asLong(),
                    answer.path("refresh_microseconds").asLong());
        }
    }

    /// One after the other.
    private long[] alone(int times, boolean isNew) throws IOException, InterruptedException {
        var taken = new long[times];
        for (int i = 0; i < times; i++) {
            taken[i] = ask(isNew ? ++titles : titles, System.nanoTime());
        }
        return taken;
    }

    /// At their times, whether or not the ones before are answered; each counts from the time it should have begun.
    private long[] arriving() throws InterruptedException {
        var running = new ArrayList<Future<Long>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long begin = System.nanoTime();
            for (int i = 0; i < ARRIVING; i++) {
                long due = begin + i * 1_000_000_000L / PER_SECOND;
                int title = ++titles;
                long wait = due - System.nanoTime();
                if (wait > 0) {
                    Thread.sleep(Duration.ofNanos(wait));
                }
                running.add(threads.submit(() -> ask(title, due)));
            }
            var taken = new long[ARRIVING];
            for (int i = 0; i < ARRIVING; i++) {
                taken[i] = running.get(i).get();
            }
            return taken;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a request failed: " + e.getCause(), e.getCause());
        }
    }

    private long ask(int title, long begin) throws IOException, InterruptedException {
        var wanted = new InstanceRequest(
                release,
                InstanceRequest.DEFAULT_TYPE,
                "bench-" + title,
                false,
                Map.of("greeting", "Hello, number " + title),
                Map.of("region", "europe/west", "memory", ">=32GB", "price", "8EUR/month"),
                Optional.of(RequestedState.STARTED),
                Optional.empty(),
                Optional.empty());
        var request = HttpRequest.newBuilder(method)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(
                        new Form(wanted.toForm().fields()).encode()))
                .build();
        var answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException("request " + title + " was answered by " + answer.statusCode() + ": "
                    + answer.headers().map());
        }
        return System.nanoTime() - begin;
    }

    private static double at(long[] taken, double part) {
        var sorted = taken.clone();
        Arrays.sort(sorted);
        return sorted[(int) (sorted.length * part)] / 1e6;
    }

    private static double milliseconds(Duration time) {
        return time.toNanos() / 1e6;
    }
}
