package org.slapos.world.software;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The folder of an installed SoftwareRelease, built the way the agent builds it.
record SoftwareFolder(Path path, String profileUrl) {

    static SoftwareFolder create(Path path, String profileUrl) throws IOException {
        Files.createDirectories(path.resolve("extends-cache"));
        Files.writeString(path.resolve("buildout.cfg"), "[buildout]\nextends = " + profileUrl + "\n");
        return new SoftwareFolder(path, profileUrl);
    }

    Command build() {
        return build(Command.home());
    }

    /// Builds with the programs installed in another folder.
    Command build(Path home) {
        return Command.run(
                path,
                Map.of("HOME", path.toString()),
                List.of(
                        home.resolve("runtime/bin/buildout").toString(),
                        "-U",
                        "buildout:directory=" + path,
                        "buildout:extends-cache=" + path.resolve("extends-cache"),
                        "slap:profile-base=" + profileUrl.substring(0, profileUrl.lastIndexOf('/')),
                        "-N",
                        "-c",
                        path.resolve("buildout.cfg").toString()));
    }
}
