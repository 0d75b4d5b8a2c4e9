package org.slapos.cli.profile;

import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slapos.cli.profile.ProfileSyntax.Assignment;
import org.slapos.protocol.MalformedException;

/// A Buildout profile with everything it extends. Read it with [#read]; immutable afterwards.
public final class Profile {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^${}:]*):([^${}]+)\\}");
    private static final int MAX_FILES = 500;
    private static final int MAX_DEPTH = 50;

    private final Map<String, Map<String, String>> sections = new LinkedHashMap<>();
    private final Set<URI> files = new LinkedHashSet<>();

    private Profile() {}

    /// Where profiles come from.
    @FunctionalInterface
    public interface Library {
        /// The text of a profile.
        ///
        /// @throws MalformedException when there is none, or it is no profile
        String text(URI url);
    }

    /// Something a part is built from.
    ///
    /// @param hash SHA-256 in lower-case hex, or whatever older profiles give; empty when the profile gives none
    public record Source(String url, String hash) {}

    /// A section that Buildout installs.
    public record Part(String name, String recipe, List<Source> sources, List<Source> patches) {}

    /// Reads the profile and, relative to each file, what it extends; what extends wins over what is extended.
    ///
    /// @throws MalformedException naming the file that is not there or not a profile
    public static Profile read(URI url, Library library) {
        var profile = new Profile();
        profile.add(url, library);
        var base = url.resolve(".").toString();
        profile.section("slap").put("profile-base", base.endsWith("/") ? base.substring(0, base.length() - 1) : base);
        return profile;
    }

    /// The files it was read from, the base ones first.
    public List<URI> files() {
        return List.copyOf(files);
    }

    /// The parts that are installed: those in `parts` and those they refer to; each that has sources or patches.
    public List<Part> parts() {
        var parts = new ArrayList<Part>();
        for (var name : installed()) {
            var recipe = option(name, "recipe");
            var sources = sources(name);
            var patches = hashed(name, "patches");
            if (recipe.isPresent() && !(sources.isEmpty() && patches.isEmpty())) {
                parts.add(new Part(name, recipe.get(), sources, patches));
            }
        }
        return parts;
    }

    /// An option with its references resolved; those that only a build can resolve stay as they are.
    ///
    /// @throws MalformedException when options refer to each other in a circle
    public Optional<String> option(String section, String name) {
        return raw(section, name, 0).map(text -> resolved(section, text, 0));
    }

    private void add(URI url, Library library) {
        if (files.contains(url)) {
            return;
        }
        if (files.size() >= MAX_FILES) {
            throw new MalformedException("the profile extends more than " + MAX_FILES + " files, the last one " + url);
        }
        // Entered first, so that a circle of extends ends, and again below, so that the base ones come first.
        files.add(url);
        var assignments = ProfileSyntax.parse(url.toString(), library.text(url));
        for (var assignment : assignments) {
            if (assignment.section().equals("buildout") && assignment.option().equals("extends")) {
                for (var base : words(assignment.value())) {
                    add(resolve(url, base), library);
                }
            }
        }
        files.remove(url);
        files.add(url);
        assignments.forEach(this::apply);
    }

    private static URI resolve(URI from, String reference) {
        try {
            return from.resolve(reference);
        } catch (IllegalArgumentException e) {
            throw new MalformedException(from + " extends '" + reference + "', which is no URL", e);
        }
    }

    private void apply(Assignment assignment) {
        var options = section(assignment.section());
        var before = options.getOrDefault(assignment.option(), "");
        options.put(
                assignment.option(),
                switch (assignment.operator()) {
                    case SET -> assignment.value();
                    case ADD -> (before + "\n" + assignment.value()).strip();
                    case REMOVE -> without(before, assignment.value());
                });
    }

    private static String without(String lines, String removed) {
        var gone = Arrays.asList(removed.split("\n", -1));
        return String.join(
                "\n",
                Arrays.stream(lines.split("\n", -1))
                        .filter(line -> !gone.contains(line))
                        .toList());
    }

    private Map<String, String> section(String name) {
        return sections.computeIfAbsent(name, _ -> new LinkedHashMap<>());
    }

    private Set<String> installed() {
        var found = new LinkedHashSet<String>();
        var waiting = new ArrayDeque<>(words(option("buildout", "parts").orElse("")));
        while (!waiting.isEmpty()) {
            var name = waiting.remove();
            if (sections.containsKey(name) && found.add(name)) {
                for (var text : options(name, 0).values()) {
                    var reference = REFERENCE.matcher(text);
                    while (reference.find()) {
                        waiting.add(reference.group(1));
                    }
                }
            }
        }
        return found;
    }

    private List<Source> sources(String part) {
        var found = new ArrayList<>(hashed(part, "sources"));
        option(part, "url").ifPresent(url -> {
            int mark = url.lastIndexOf('#');
            var inUrl = mark < 0 ? "" : url.substring(mark + 1);
            var hash = option(part, "sha256").or(() -> option(part, "md5sum")).orElse(inUrl);
            found.add(new Source(mark < 0 ? url : url.substring(0, mark), hash));
        });
        return found;
    }

    private List<Source> hashed(String part, String option) {
        return words(option(part, option).orElse("")).stream()
                .map(word -> {
                    int mark = word.lastIndexOf('#');
                    return mark < 0
                            ? new Source(word, "")
                            : new Source(word.substring(0, mark), word.substring(mark + 1));
                })
                .toList();
    }

    /// The options of a section with those of the sections it is made after (`<= other`).
    private Map<String, String> options(String section, int depth) {
        requireDepth(section, depth);
        var all = new LinkedHashMap<String, String>();
        var own = sections.getOrDefault(section, Map.of());
        for (var pattern : words(own.getOrDefault("<", ""))) {
            all.putAll(options(pattern, depth + 1));
        }
        all.putAll(own);
        return all;
    }

    private Optional<String> raw(String section, String name, int depth) {
        return Optional.ofNullable(options(section, depth).get(name));
    }

    private String resolved(String section, String text, int depth) {
        requireDepth(section, depth);
        return REFERENCE.matcher(text).replaceAll(found -> {
            if (found.start() > 0 && text.charAt(found.start() - 1) == '$') {
                return Matcher.quoteReplacement(found.group());
            }
            var in = found.group(1).isEmpty() ? section : found.group(1);
            return Matcher.quoteReplacement(raw(in, found.group(2), depth)
                    .map(value -> resolved(in, value, depth + 1))
                    .orElse(found.group()));
        });
    }

    private static void requireDepth(String section, int depth) {
        if (depth > MAX_DEPTH) {
            throw new MalformedException("section [" + section + "] refers to itself in a circle");
        }
    }

    private static List<String> words(String text) {
        var seen = new HashSet<String>();
        return Arrays.stream(text.split("\\s+", -1))
                .filter(word -> !word.isEmpty() && seen.add(word))
                .toList();
    }
}
