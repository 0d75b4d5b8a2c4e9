package org.slapos.master;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.slapos.master.http.Answer;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.marshal.MarshalWriter;

/// A node as small as can be: it asks what it must do, and says some of it is done. It may forget all it knows.
final class SimulatedNode {
    private final ComputerId id;
    private final Simulation.Link link;
    private final Random random;
    private final Consumer<InstanceInformation> refused;
    private final Map<String, String> reported = new HashMap<>();
    private String version = "";

    /// @param refused told of what it was shown and a Master does not know
    SimulatedNode(ComputerId id, Simulation.Link link, Random random, Consumer<InstanceInformation> refused) {
        this.id = id;
        this.link = link;
        this.random = random;
        this.refused = refused;
    }

    ComputerId id() {
        return id;
    }

    /// It was killed.
    void forget() {
        reported.clear();
        version = "";
    }

    /// Asks for what is to be done, unless nothing changed since, and reports most of it.
    void pass() {
        var query = Map.of("computer_id", id.text());
        var headers = version.isEmpty() ? Map.<String, String>of() : Map.of("if-none-match", version);
        var answer = link.send(
                        "poll of " + id,
                        master -> master.get(new Requester.Computer(id), "getFullComputerInformation", query, headers))
                .answer();
        if (answer.isEmpty() || answer.get().status() == 304) {
            return;
        }
        expect(answer.get(), 200);
        var information = ComputerInformation.read(answer.get().body());
        boolean isAll = true;
        var guids = new HashSet<String>();
        for (var partition : information.partitions()) {
            if (partition.instance().isPresent()) {
                var instance = partition.instance().get();
                if (!guids.add(instance.guid())) {
                    throw new AssertionError(instance.guid() + " is in two partitions of " + id);
                }
                isAll &= report(instance);
            }
        }
        version = isAll ? answer.get().headers().getOrDefault("ETag", "") : "";
    }

    /// Whether nothing is left to report of it.
    private boolean report(InstanceInformation instance) {
        var wanted = instance.guid() + " " + instance.state();
        if (wanted.equals(reported.get(instance.partition().text()))) {
            return true;
        }
        if (random.nextInt(5) == 0) {
            return false; // it takes its time
        }
        var method = switch (instance.state()) {
            case STARTED -> "startedComputerPartition";
            case STOPPED -> "stoppedComputerPartition";
            case DESTROYED -> "destroyedComputerPartition";
        };
        var answer = link.send(
                        method + " " + id + " " + instance.partition(), master -> master.report(method, instance))
                .answer();
        if (answer.isEmpty()) {
            return false;
        }
        if (answer.get().status() == 404 && instance.state() != RequestedState.DESTROYED) {
            refused.accept(instance); // the Master that showed it had not heard yet that it is gone
            return false;
        }
        if (answer.get().status() != 404) {
            expect(answer.get(), 200); // of one that is gone already, there is nothing to report
        }
        reported.put(instance.partition().text(), wanted);
        return true;
    }

    /// Says how many partitions it has.
    void format(int partitions) {
        var xml = MarshalWriter.write(TestTrades.configuration(id, partitions).toValue());
        link.send(
                        "format " + id + " " + partitions,
                        master -> master.post(
                                new Requester.Computer(id), "loadComputerConfigurationFromXML", Map.of("xml", xml)))
                .answer()
                .ifPresent(answer -> expect(answer, 200));
    }

    private static void expect(Answer answer, int status) {
        if (answer.status() != status) {
            throw new AssertionError(
                    "answered by " + answer.status() + ": " + TestTrades.reason(answer) + TestTrades.text(answer));
        }
    }
}
