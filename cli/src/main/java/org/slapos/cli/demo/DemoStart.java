package org.slapos.cli.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;

/// Brings the cloud up: the steps of an operator, in the order in which [#run] names them. Each looks first whether its
/// result is there, so that a second run, or one after a crash, goes on where the other stopped.
final class DemoStart {
    /// The programs that run on, in the order in which they are started.
    static final List<String> DAEMONS = List.of("master", "agent");

    private final DemoSettings settings;
    private final PrintWriter out;

    DemoStart(DemoSettings settings, PrintWriter out) {
        this.settings = settings;
        this.out = out;
    }

    /// @throws CommandFailure with the reason, the end of the log and what to do, at the first step that fails
    void run() throws IOException {
        long begin = System.nanoTime();
        var made = new UndoList(settings.undoList());
        var programs = new Programs(settings, made);
        var machine = new MachineSteps(settings, made, programs);
        var cloud = new CloudSteps(settings, programs);
        var steps = new Steps(out, settings.asRoot() ? 13 : 11);
        var application = new ApplicationSteps(settings, programs, cloud, steps);

        out.println("A cloud on this machine, in " + settings.root()
                + (settings.asRoot() ? "" : ", as you: without root there is one user and the loopback addresses"));
        steps.step("machine ready for it", machine::checkMachine);
        steps.step("programs installed", machine::installPrograms);
        if (settings.asRoot()) {
            steps.step("user of the Master", machine::makeMasterUser);
            steps.step("IPv6 network on loopback", machine::addNetwork);
        }
        steps.step("Master", cloud::startMaster);
        steps.step("first person and their certificate", cloud::configureClient);
        steps.step("this machine registered as a Computer", cloud::registerNode);
        steps.step(DemoSettings.PARTITIONS + " ComputerPartitions formatted", cloud::format);
        steps.step("supervisord and the node's agent", cloud::startNode);
        try (var master = cloud.client().connect()) {
            steps.step("SoftwareRelease supplied", application::supply);
            steps.step("SoftwareRelease built", () -> application.awaitSoftware(master));
            var served = new ApplicationSteps.Served();
            steps.step("instance requested and answering", () -> application.request(master, served));
            steps.step("instance started, its promise holds", () -> application.awaitInstance(master));
            application.conclude(out, master, served, begin);
        }
    }
}
