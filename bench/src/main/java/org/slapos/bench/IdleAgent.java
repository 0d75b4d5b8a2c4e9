package org.slapos.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;

/// The node agent that has nothing to do but poll, beside a JVM that sleeps.
final class IdleAgent {
    private static final Duration SETTLE = Duration.ofSeconds(10);
    private static final Duration TIME = Duration.ofSeconds(20);

    private IdleAgent() {}

    static List<Figure> measure(Installed installed, Cloud cloud) throws IOException, InterruptedException {
        var configuration = register(installed, cloud);
        var agentLog = installed.log("agent");
        try (var agent = Running.start(agentLog, installed.slapos("node", "agent", "--cfg", configuration));
                var sleeping = Running.start(
                        installed.log("sleeping"),
                        List.of(
                                Jvm.program("java"),
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-Xms8m",
                                "-Xmx64m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                SleepingJvm.class.getName()))) {
            Thread.sleep(SETTLE);
            var agentBefore = Footprint.of(List.of(agent.pid()));
            var sleepingBefore = Footprint.of(List.of(sleeping.pid()));
            Thread.sleep(TIME);
            agent.requireAlive();
            sleeping.requireAlive();
            var agentAfter = Footprint.of(List.of(agent.pid()));
            var sleepingAfter = Footprint.of(List.of(sleeping.pid()));
            return List.of(
                    new Figure("idle agent, resident MiB", agentAfter.residentMib(), sleepingAfter.residentMib()),
                    new Figure(
                            "idle agent, % of one CPU",
                            agentAfter.cpuPercentSince(agentBefore, TIME),
                            sleepingAfter.cpuPercentSince(sleepingBefore, TIME)));
        } finally {
            // The supervisor outlives the agent that started it.
            run(installed, "shutdown", "node", "supervisorctl", "--cfg", configuration, "shutdown");
        }
    }

    /// Registers this machine in single-user mode, with ten partitions; returns the node's configuration file.
    private static String register(Installed installed, Cloud cloud) throws IOException, InterruptedException {
        var folder = installed.ownFolder("node");
        var configuration = folder.resolve("etc/slapos.cfg").toString();
        var token = installed.file("node.token");
        Files.writeString(token, cloud.computerToken());
        run(
                installed,
                "register",
                "node",
                "register",
                "bench",
                "--set",
                "root_check=false",
                "--set",
                "alter_user=false",
                "--set",
                "alter_network=false",
                "--token-file",
                token.toString(),
                "--master-url",
                cloud.slap().toString(),
                "--master-url-web",
                cloud.web().toString(),
                "--master-ca-file",
                cloud.authority().toString(),
                "--partition-number",
                "10",
                "--software-root",
                folder.resolve("software").toString(),
                "--instance-root",
                folder.resolve("instance").toString(),
                "--cfg",
                configuration);
        run(installed, "format", "node", "format", "--now", "--cfg", configuration);
        return configuration;
    }

    private static void run(Installed installed, String name, String... command)
            throws IOException, InterruptedException {
        Running.toTheEnd(installed.log(name), installed.slapos(command));
    }
}
