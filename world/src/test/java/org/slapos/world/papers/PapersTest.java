package org.slapos.world.papers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Whoever follows a paper finds what it names.
class PapersTest {
    private static final Path CHECKOUT =
            Path.of(System.getProperty("basedir", "."), "..").toAbsolutePath().normalize();
    private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)(#[^)]*)?\\)");
    private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");
    private static final Pattern COMMAND = Pattern.compile("\\bmake ([a-z-]+)");

    /// What the walkthrough's first lines define.
    private static final Map<String, String> ABBREVIATIONS = Map.of(
            "M", "master/src/main/java/org/slapos/master",
            "N", "node/src/main/java/org/slapos/node",
            "P", "protocol/src/main/java/org/slapos/protocol",
            "C", "cli/src/main/java/org/slapos/cli");

    @Test
    void everyFileOfTheWalkthroughExists() throws IOException {
        var named = new ArrayList<String>();
        var missing = new ArrayList<String>();
        var matcher = CODE.matcher(Files.readString(CHECKOUT.resolve("docs/walkthrough.md")));
        while (matcher.find()) {
            var path = expanded(matcher.group(1));
            if (path.matches("[A-Za-z0-9_./-]+/[A-Za-z0-9_./-]*") && !path.startsWith("etc/")) {
                named.add(path);
                if (!path.startsWith(".") && !Files.exists(CHECKOUT.resolve(path))) {
                    missing.add(path);
                }
            }
        }
        assertThat(named).hasSizeGreaterThan(40);
        assertThat(missing).isEmpty();
    }

    @Test
    void noLinkBetweenPapersIsBroken() throws IOException {
        var broken = new ArrayList<String>();
        for (var paper : papers()) {
            var matcher = LINK.matcher(Files.readString(paper));
            while (matcher.find()) {
                if (!Files.exists(paper.resolveSibling(matcher.group(1)))) {
                    broken.add(CHECKOUT.relativize(paper) + " -> " + matcher.group(1));
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void everyCommandOfThePapersIsOneOfMake() throws IOException {
        var makefile = Files.readString(CHECKOUT.resolve("Makefile"));
        var unknown = new ArrayList<String>();
        for (var paper : papers()) {
            var code = CODE.matcher(Files.readString(paper));
            while (code.find()) {
                var command = COMMAND.matcher(code.group(1));
                if (command.lookingAt() && !makefile.contains("\n" + command.group(1) + ":")) {
                    unknown.add(CHECKOUT.relativize(paper) + ": make " + command.group(1));
                }
            }
        }
        assertThat(unknown).isEmpty();
    }

    private static String expanded(String path) {
        int slash = path.indexOf('/');
        var folder = slash == 1 ? ABBREVIATIONS.get(path.substring(0, 1)) : null;
        return folder == null ? path : folder + path.substring(slash);
    }

    private static List<Path> papers() throws IOException {
        var papers = new ArrayList<Path>();
        for (var folder : List.of("docs", "software", "recipe")) {
            try (var files = Files.walk(CHECKOUT.resolve(folder))) {
                files.filter(file -> file.toString().endsWith(".md")).forEach(papers::add);
            }
        }
        for (var name : List.of("README.md", "ARCHITECTURE.md", "CHANGELOG.md")) {
            papers.add(CHECKOUT.resolve(name));
        }
        return papers;
    }
}
