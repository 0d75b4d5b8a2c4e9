package org.slapos.bench;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.jsonrpc.MarketCall;

/// Ten thousand requests that wait, on a thousand Computers which all are too dear; then each Computer's price falls.
/// How long until every one has its place, beside how long it takes to tell the thousand prices.
final class Waiting {
    private static final int COMPUTERS = 1000;
    private static final int PARTITIONS = 20;
    private static final int WAITING = 10_000;
    private static final int CLIENTS = 8;
    private static final String CEILING = "4EUR/month";

    private final Cloud cloud;
    private final String release;

    private Waiting(Cloud cloud, String release) {
        this.cloud = cloud;
        this.release = release;
    }

    static List<Figure> measure(Installed installed) throws IOException, InterruptedException, SQLException {
        try (var cloud = Cloud.start(installed, "master-waiting");
                var filler = CloudFiller.of(cloud.data())) {
            var release =
                    cloud.web().resolve("/software/helloworld/software.cfg").toString();
            Requests.supplied(cloud, release);
            filler.fill(COMPUTERS, PARTITIONS, release);
            return new Waiting(cloud, release).rows(filler);
        }
    }

    private List<Figure> rows(CloudFiller filler) throws IOException, InterruptedException, SQLException {
        shared(WAITING, this::want);
        if (filler.waiting() != WAITING) {
            throw new IllegalStateException(filler.waiting() + " wait, not " + WAITING);
        }
        long begin = System.nanoTime();
        shared(
                COMPUTERS,
                (person, i) -> person.json(new MarketCall.ChangeOffer(
                        new ComputerId("COMP-" + (i + 2)).text(), Map.of("price", "3EUR/month"))));
        double cheaper = seconds(begin);
        for (int i = 0; filler.waiting() > 0; i++) {
            if (i == 3000) {
                throw new IllegalStateException("after five minutes " + filler.waiting() + " still wait");
            }
            Thread.sleep(100); // it takes many of these
        }
        return List.of(new Figure(
                WAITING + " that wait, " + COMPUTERS + " prices fall: all placed, s (telling the prices)",
                seconds(begin),
                cheaper));
    }

    private void want(SlapClient person, int i) {
        person.request(new InstanceRequest(
                release,
                InstanceRequest.DEFAULT_TYPE,
                "waiting-" + i,
                false,
                Map.of(),
                Map.of("price", CEILING),
                Optional.of(RequestedState.STARTED),
                Optional.empty(),
                Optional.empty()));
    }

    private interface Call {
        void make(SlapClient person, int number);
    }

    /// All numbers below `count`, by several clients at once.
    private void shared(int count, Call call) throws IOException, InterruptedException {
        try (var threads = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<?>> running = IntStream.range(0, CLIENTS)
                    .<Future<?>>mapToObj(client -> threads.submit(() -> {
                        try (var person = cloud.person()) {
                            for (int i = client; i < count; i += CLIENTS) {
                                call.make(person, i);
                            }
                        }
                        return null;
                    }))
                    .toList();
            for (var one : running) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a call failed: " + e.getCause(), e.getCause());
        }
    }

    private static double seconds(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }
}
