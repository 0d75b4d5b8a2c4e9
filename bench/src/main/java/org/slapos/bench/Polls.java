package org.slapos.bench;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.slapos.protocol.client.PemFiles;

/// A node's poll of the Master, unchanged and in full, beside the minimal server giving the same bytes.
final class Polls {
    private static final int PARTITIONS = 100;
    private static final int CONNECTIONS = 8;
    private static final int ROUNDS = 3;
    private static final Duration WARM_UP = Duration.ofSeconds(1);
    private static final Duration TIME = Duration.ofSeconds(3);

    private final URI master;
    private final SSLContext masterTls;
    private final URI minimal;
    private final SSLContext minimalTls;
    private final URI target;

    private Polls(URI master, SSLContext masterTls, URI minimal, SSLContext minimalTls, URI target) {
        this.master = master;
        this.masterTls = masterTls;
        this.minimal = minimal;
        this.minimalTls = minimalTls;
        this.target = target;
    }

    static List<Figure> measure(Installed installed, Cloud cloud) throws IOException, InterruptedException {
        var computer = cloud.fullComputer(PARTITIONS);
        var body = installed.file("full-answer.xml");
        var tls = PemFiles.context(Optional.of(computer.identity()), Optional.of(cloud.authority()));
        var target = cloud.slap().resolve("getFullComputerInformation?computer_id=" + computer.id());
        var head = new LoadClient(tls, 1).download(cloud.web(), LoadClient.request(target, ""), body);
        if (head.status() != 200 || head.version().isEmpty()) {
            throw new IllegalStateException("the Master answered the poll with " + head);
        }
        System.out.printf("full answer: %d bytes for %d partitions%n", head.length(), PARTITIONS);
        try (var minimal = MinimalProcess.start(installed.file(""), body)) {
            var minimalTls = PemFiles.context(Optional.of(computer.identity()), Optional.of(minimal.root()));
            var polls = new Polls(cloud.web(), tls, minimal.address(), minimalTls, target);
            var figures = new ArrayList<Figure>();
            figures.addAll(polls.row("unchanged poll (304)", head.version(), 304));
            figures.addAll(polls.row("full answer (100 partitions)", "", 200));
            return figures;
        }
    }

    /// Both by turns, so that neither has the warmer client or the quieter machine; the best round of each counts.
    private List<Figure> row(String name, String knownVersion, int status) throws InterruptedException {
        var request = LoadClient.request(target, knownVersion);
        var baselines = new ArrayList<Load>();
        var all = new ArrayList<Load>();
        for (int round = 0; round < ROUNDS; round++) {
            baselines.add(new LoadClient(minimalTls, CONNECTIONS).measure(minimal, request, status, WARM_UP, TIME));
            all.add(new LoadClient(masterTls, CONNECTIONS).measure(master, request, status, WARM_UP, TIME));
        }
        var baseline = Collections.max(baselines, Comparator.comparingDouble(Load::answersPerSecond));
        var ours = Collections.max(all, Comparator.comparingDouble(Load::answersPerSecond));
        return List.of(
                new Figure(name + ", answers/s", ours.answersPerSecond(), baseline.answersPerSecond()),
                new Figure(name + ", p50 ms", milliseconds(ours.median()), milliseconds(baseline.median())),
                new Figure(name + ", p99 ms", milliseconds(ours.p99()), milliseconds(baseline.p99())));
    }

    private static double milliseconds(Duration time) {
        return time.toNanos() / 1e6;
    }
}
