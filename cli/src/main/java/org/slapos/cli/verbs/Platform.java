package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// What a built SoftwareRelease runs on: the processor and the operating system that it was built on.
///
/// @param multiarch as GCC names it: `x86_64-linux-gnu`
/// @param os        id, version, code name; of Debian the major version alone
record Platform(String multiarch, List<String> os) {
    private static final Pattern QUOTED = Pattern.compile("'([^']*)'");

    Platform {
        var words = new ArrayList<>(os);
        while (words.size() < 3) {
            words.add("");
        }
        var id = words.get(0).toLowerCase(Locale.ROOT);
        os = id.equals("debian") || id.equals("raspbian")
                ? List.of("debian", words.get(1).replaceFirst("\\..*", ""), "")
                : List.of(id, words.get(1), words.get(2));
    }

    /// This machine, by its `/etc/os-release`; what that does not tell is empty.
    static Platform here() {
        var said = new HashMap<String, String>();
        try {
            for (var line : Files.readAllLines(Path.of("/etc/os-release"))) {
                var words = line.split("=", 2);
                if (words.length == 2) {
                    said.put(words[0].strip(), words[1].strip().replaceAll("^[\"']|[\"']$", ""));
                }
            }
        } catch (IOException _) {
            // a machine that does not say
        }
        var processor = System.getProperty("os.arch").equals("amd64") ? "x86_64" : System.getProperty("os.arch");
        return new Platform(
                processor + "-linux-gnu",
                List.of(
                        said.getOrDefault("ID", ""),
                        said.getOrDefault("VERSION_ID", ""),
                        said.getOrDefault("VERSION_CODENAME", "")));
    }

    /// What an entry of the cache says; old ones say `machine`, and the system in one text.
    static Platform of(JsonNode entry) {
        var os = new ArrayList<String>();
        if (entry.path("os").isArray()) {
            entry.path("os").forEach(word -> os.add(word.asText()));
        } else {
            QUOTED.matcher(entry.path("os").asText("")).results().forEach(found -> os.add(found.group(1)));
        }
        var machine = entry.path("machine").asText("");
        return new Platform(entry.path("multiarch").asText(machine.isEmpty() ? "" : machine + "-linux-gnu"), os);
    }
}
