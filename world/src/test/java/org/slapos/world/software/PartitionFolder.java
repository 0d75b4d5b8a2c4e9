package org.slapos.world.software;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The folder of a ComputerPartition, with what the agent leaves in it before it runs the instance profile.
record PartitionFolder(Path path, String id, SoftwareFolder software) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TAIL = """


            [buildout]
            bin-directory = ${buildout:directory}/sbin
            offline = true

            [slap-connection]
            computer-id = COMP-1
            partition-id = slappart0
            """;

    static PartitionFolder create(Path path, String id, SoftwareFolder software) throws IOException {
        Files.createDirectories(path);
        return new PartitionFolder(path, id, software);
    }

    /// Runs the instance profile for a request with these parameters.
    Command request(Map<String, String> parameters) throws IOException {
        var instance = new HashMap<String, Object>();
        instance.put("computer_id", "COMP-1");
        instance.put("partition_id", id);
        instance.put("instance_title", "<my> title");
        instance.put("software_type", "default");
        instance.put("user", "slapuser0");
        instance.put("tap", "");
        instance.put("ipv4", "127.0.0.1");
        instance.put("ipv6", "");
        instance.put("parameters", parameters);
        Files.createDirectories(path.resolve(".slapgrid"));
        Files.writeString(path.resolve(".slapgrid/instance.json"), JSON.writeValueAsString(instance));
        return run();
    }

    Command run() throws IOException {
        String profile = Files.readString(software.path().resolve("instance.cfg"));
        Path configuration = path.resolve("buildout.cfg");
        Files.writeString(configuration, profile + TAIL);
        return Command.run(
                path,
                Map.of("HOME", path.toString()),
                List.of(
                        Command.home().resolve("runtime/bin/buildout").toString(),
                        "-U",
                        "-N",
                        "-c",
                        configuration.toString()));
    }

    JsonNode published() throws IOException {
        return JSON.readTree(path.resolve(".slapos-publish.json").toFile());
    }

    Command promise() throws IOException {
        return Command.run(path, List.of(only("etc/promise").toString()));
    }

    Process startService() throws IOException {
        return Command.start(path, Map.of(), List.of(only("etc/service").toString()), path.resolve(".service.log"));
    }

    /// The one file in a folder of the partition.
    Path only(String folder) throws IOException {
        try (Stream<Path> files = Files.list(path.resolve(folder))) {
            List<Path> found = files.toList();
            if (found.size() != 1) {
                throw new IllegalStateException("one file was expected in " + folder + ", found " + found);
            }
            return found.getFirst();
        }
    }

    /// Every file below, with its time of change and its content's hash: equal when nothing was written.
    Map<String, String> state() throws IOException {
        var state = new HashMap<String, String>();
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = path.relativize(file).toString();
                if (!name.equals("buildout.cfg") && !name.equals(".command-output") && !name.equals(".installed.cfg")) {
                    state.put(name, Files.getLastModifiedTime(file) + " " + Files.readString(file));
                }
            }
        }
        return state;
    }
}
