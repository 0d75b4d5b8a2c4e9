package org.slapos.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slapos.protocol.client.OwnKey;
import org.slapos.protocol.client.PemFiles;
import org.slapos.protocol.jsonrpc.ComputeNodeCall;

/// Certificates that the Master gives for keys made elsewhere: each call verifies a signing request, signs, and is on
/// disk before it is answered. The baseline is the goal.
final class Certificates {
    private static final int COMPUTERS = 6000;
    private static final int WARM_UP = 3000;
    private static final int CALLERS = 16;
    private static final double GOAL = 500;

    private Certificates() {}

    static List<Figure> measure(Cloud cloud) throws IOException, InterruptedException {
        var requests = new ArrayList<byte[]>();
        try (var client = cloud.person()) {
            for (int i = 0; i < COMPUTERS; i++) {
                var computer = client.requestComputer("certified " + i, Optional.empty());
                var call = new ComputeNodeCall.IssueCertificate(
                        computer.text(), Optional.of(OwnKey.make().request()));
                requests.add(LoadClient.post(
                        cloud.slap().resolve(call.method().wire()), call.write().toString()));
            }
        }
        var load = new LoadClient(
                PemFiles.context(Optional.of(cloud.personIdentity()), Optional.of(cloud.authority())), CALLERS);
        load.all(cloud.web(), requests.subList(0, WARM_UP));
        var measured = requests.subList(WARM_UP, COMPUTERS);
        var before = Cpu.of(cloud);
        long began = System.nanoTime();
        load.all(cloud.web(), measured);
        double seconds = (System.nanoTime() - began) / 1e9;
        var used = Cpu.of(cloud).since(before, measured.size());
        System.out.printf(
                "a certificate costs ms of processor: Master %.2f, its PostgreSQL %.2f, this client %.2f%n",
                used.master(), used.postgres(), used.client());
        return List.of(
                new Figure("certificates by request, durable | goal, each/s", measured.size() / seconds, GOAL),
                new Figure("certificate CPU ms Master | PostgreSQL", used.master(), used.postgres()));
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
}
