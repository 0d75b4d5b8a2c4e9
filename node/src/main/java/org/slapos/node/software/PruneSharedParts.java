package org.slapos.node.software;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.protocol.IniFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Deletes shared parts, `<last of shared_part_list>/<name>/<hash>`, whose hash stands in no text of the software that
/// is installed: of this node, of additional directories, of nodes inside its instances, and of the parts that stay.
/// What only a deleted part used goes in the same call.
public final class PruneSharedParts {
    private static final Logger LOG = LoggerFactory.getLogger(PruneSharedParts.class);
    private static final String NODE_FILE = "slapos.cfg";
    private static final int MAX_TEXT = 4 << 20;
    private static final int MAX_DEPTH = 24;

    private final NodeConfiguration configuration;
    private final Host host;
    private final List<Path> additional;
    private final boolean dryRun;

    public PruneSharedParts(NodeConfiguration configuration, Host host, List<Path> additional, boolean dryRun) {
        this.configuration = configuration;
        this.host = host;
        this.additional = List.copyOf(additional);
        this.dryRun = dryRun;
    }

    /// @return what was deleted, or would be
    public Set<Path> prune() {
        var root = configuration.sharedPartList().getLast();
        var texts = installed();
        var parts = parts(root);
        var condemned = new LinkedHashSet<Path>();
        boolean more = true;
        while (more) {
            var all = new ArrayList<>(texts);
            parts.stream().filter(part -> !condemned.contains(part)).forEach(part -> signatures(part, all));
            var unused = parts.stream()
                    .filter(part -> !condemned.contains(part))
                    .filter(part -> all.stream().noneMatch(text -> uses(text, part)))
                    .toList();
            more = condemned.addAll(unused);
        }
        for (var part : condemned) {
            LOG.warn("{} is used by nothing{}", part, dryRun ? ": it would be deleted" : ": deleted");
            if (!dryRun) {
                host.deleteTree(part, false);
            }
        }
        return condemned;
    }

    /// A text, and the part that it stands in, if it does: no part keeps itself.
    private record Text(String content, Path of) {}

    private static boolean uses(Text text, Path part) {
        return !text.of().equals(part) && text.content().contains(name(part));
    }

    private List<Text> installed() {
        var texts = new ArrayList<Text>();
        releases(configuration.softwareRoot(), texts);
        for (var directory : additional) {
            if (Files.isDirectory(directory)) {
                releases(directory, texts);
            } else {
                LOG.warn("there is no directory {}: nothing is kept for it", directory);
            }
        }
        var seen = new HashSet<Path>();
        seen.add(configuration.instanceRoot());
        nodesBelow(configuration.instanceRoot(), seen, texts);
        return texts;
    }

    private static void releases(Path softwareRoot, List<Text> texts) {
        for (var release : list(softwareRoot)) {
            text(release.resolve(".installed.cfg"), release, texts);
            for (var script : list(release.resolve("bin"))) {
                text(script, release, texts);
            }
        }
    }

    private static void signatures(Path part, List<Text> texts) {
        for (var file : list(part)) {
            var name = name(file);
            if (name.equals(".buildout-shared.json") || (name.startsWith(".") && name.endsWith("signature"))) {
                text(file, part, texts);
            }
        }
    }

    private static List<Path> parts(Path root) {
        return list(root).stream()
                .flatMap(name -> list(name).stream())
                .filter(part -> Files.isDirectory(part, LinkOption.NOFOLLOW_LINKS))
                .toList();
    }

    /// Nodes whose configuration lies anywhere below, and in turn those in their instances.
    private static void nodesBelow(Path instanceRoot, Set<Path> seen, List<Text> texts) {
        for (var file : configurations(instanceRoot)) {
            try {
                var options =
                        IniFile.parse(file.toString(), Files.readString(file)).section("slapos");
                var software = path(options.get("software_root"));
                var instances = path(options.get("instance_root"));
                if (software == null && instances == null) {
                    LOG.debug("{} describes no node", file);
                    continue;
                }
                if (software != null) {
                    releases(software, texts);
                }
                var shared = options.getOrDefault("shared_part_list", "")
                        .strip()
                        .lines()
                        .toList();
                var last = shared.isEmpty() ? null : path(shared.getLast());
                if (last != null) {
                    parts(last).forEach(part -> signatures(part, texts));
                }
                if (instances != null && seen.add(instances)) {
                    nodesBelow(instances, seen, texts);
                }
            } catch (IOException | RuntimeException e) {
                LOG.debug("{} is passed over: {}", file, e.getMessage());
            }
        }
    }

    private static @Nullable Path path(@Nullable String text) {
        return text != null && text.strip().startsWith("/")
                ? Path.of(text.strip()).normalize()
                : null;
    }

    private static List<Path> configurations(Path root) {
        var found = new ArrayList<Path>();
        try {
            Files.walkFileTree(root, Set.of(), MAX_DEPTH, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (attributes.isRegularFile()
                            && attributes.size() <= MAX_TEXT
                            && name(file).equals(NODE_FILE)) {
                        found.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    return FileVisitResult.CONTINUE; // it went, or cannot be read
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) {
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            LOG.debug("{} is passed over: {}", root, e.getMessage());
        }
        found.sort(null);
        return found;
    }

    private static void text(Path file, Path of, List<Text> texts) {
        try {
            var facts = Files.readAttributes(file, BasicFileAttributes.class);
            if (!facts.isRegularFile() || facts.size() > MAX_TEXT) {
                return;
            }
            var decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(file)));
            texts.add(new Text(decoded.toString(), of));
        } catch (CharacterCodingException _) {
            LOG.debug("{} is no text, and passed over", file);
        } catch (IOException e) {
            LOG.debug("{} is passed over: {}", file, e.getMessage());
        }
    }

    private static List<Path> list(Path directory) {
        var found = new ArrayList<Path>();
        try (var files = Files.newDirectoryStream(directory)) {
            files.forEach(found::add);
        } catch (NoSuchFileException | NotDirectoryException _) {
            return List.of();
        } catch (IOException | DirectoryIteratorException e) {
            throw new HostException("cannot list " + directory + ": " + e, e);
        }
        found.sort(null);
        return found;
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }
}
