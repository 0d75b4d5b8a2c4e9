package org.slapos.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.slapos.protocol.client.OwnKey;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.jsonrpc.ComputeNodeCall;

/// Certificates that the Master gives for keys made elsewhere: each call verifies a signing request, signs, and is on
/// disk before it is answered. The baseline is the goal.
final class Certificates {
    private static final int COMPUTERS = 2200;
    private static final int WARM_UP = 700;
    private static final int CALLERS = 16;
    private static final double GOAL = 500;

    private Certificates() {}

    static List<Figure> measure(Cloud cloud) throws IOException, InterruptedException {
        var requests = new ArrayList<String>();
        for (int i = 0; i < COMPUTERS; i++) {
            requests.add(OwnKey.make().request());
        }
        try (var client = cloud.person()) {
            var computers = new ArrayList<String>();
            for (int i = 0; i < COMPUTERS; i++) {
                computers.add(client.requestComputer("certified " + i, Optional.empty())
                        .text());
            }
            issue(client, computers.subList(0, WARM_UP), requests);
            var measured = computers.subList(WARM_UP, COMPUTERS);
            long began = System.nanoTime();
            issue(client, measured, requests.subList(WARM_UP, COMPUTERS));
            double seconds = (System.nanoTime() - began) / 1e9;
            return List.of(
                    new Figure("certificates by request, durable | goal, each/s", measured.size() / seconds, GOAL));
        }
    }

    private static void issue(SlapClient client, List<String> computers, List<String> requests)
            throws InterruptedException {
        var next = new AtomicInteger();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = new ArrayList<Future<?>>();
            for (int i = 0; i < CALLERS; i++) {
                running.add(threads.submit(() -> {
                    for (int n = next.getAndIncrement(); n < computers.size(); n = next.getAndIncrement()) {
                        client.json(
                                new ComputeNodeCall.IssueCertificate(computers.get(n), Optional.of(requests.get(n))));
                    }
                }));
            }
            for (var one : running) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a certificate was not issued: " + e.getCause(), e.getCause());
        }
    }
}
