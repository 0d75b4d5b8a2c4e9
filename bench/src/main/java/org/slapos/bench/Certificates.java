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
            var before = Cpu.of(cloud);
            long began = System.nanoTime();
            issue(client, measured, requests.subList(WARM_UP, COMPUTERS));
            double seconds = (System.nanoTime() - began) / 1e9;
            var used = Cpu.of(cloud).since(before, measured.size());
            System.out.printf(
                    "a certificate costs ms of processor: Master %.2f, its PostgreSQL %.2f, this client %.2f%n",
                    used.master(), used.postgres(), used.client());
            return List.of(
                    new Figure("certificates by request, durable | goal, each/s", measured.size() / seconds, GOAL),
                    new Figure("certificate CPU ms Master | PostgreSQL", used.master(), used.postgres()));
        }
    }

    /// Processor time, in milliseconds.
    private record Cpu(double master, double postgres, double client) {
        static Cpu of(Cloud cloud) throws IOException {
            var postgres = ProcessHandle.of(cloud.pid()).stream()
                    .flatMap(ProcessHandle::descendants)
                    .map(ProcessHandle::pid)
                    .toList();
            return new Cpu(
                    Footprint.of(List.of(cloud.pid())).cpu().toMillis(),
                    Footprint.of(postgres).cpu().toMillis(),
                    Footprint.of(List.of(ProcessHandle.current().pid())).cpu().toMillis());
        }

        Cpu since(Cpu earlier, int count) {
            return new Cpu(
                    (master - earlier.master) / count,
                    (postgres - earlier.postgres) / count,
                    (client - earlier.client) / count);
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
