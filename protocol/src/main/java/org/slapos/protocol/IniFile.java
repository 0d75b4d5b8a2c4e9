package org.slapos.protocol;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// A configuration file of the field's kind (Python's `configparser`): `[section]`, `option = value` or `option:
/// value`, values going on over indented lines, `#` and `;` comments at the start of a line, `%%` for a percent
/// sign, `[DEFAULT]` inherited by every section. Option names are lower-cased; a section or option given twice is
/// an error.
public final class IniFile {
    private static final int MAX_BYTES = 1024 * 1024;

    private final String origin;
    private final Map<String, Map<String, String>> sections;

    private IniFile(String origin, Map<String, Map<String, String>> sections) {
        this.origin = origin;
        this.sections = sections;
    }

    /// @throws MalformedException with file and line when it cannot be read as such a file
    /// @throws IOException when the file cannot be read
    public static IniFile read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new MalformedException(file + ": longer than " + MAX_BYTES + " bytes");
        }
        return parse(file.toString(), Files.readString(file));
    }

    /// As [#read] from a text; `origin` names it in messages.
    public static IniFile parse(String origin, String text) {
        return new IniFile(origin, new Parser(origin).parse(text));
    }

    /// The names of the sections, in the order of the file.
    public List<String> sections() {
        return List.copyOf(sections.keySet());
    }

    /// The options of a section with those of `[DEFAULT]`; empty when there is no such section.
    public Map<String, String> section(String name) {
        var options = new LinkedHashMap<>(sections.getOrDefault("DEFAULT", Map.of()));
        options.putAll(sections.getOrDefault(name, Map.of()));
        return Collections.unmodifiableMap(options);
    }

    public Optional<String> get(String section, String option) {
        return Optional.ofNullable(section(section).get(option.toLowerCase(Locale.ROOT)));
    }

    /// Where it came from, for messages.
    public String origin() {
        return origin;
    }

    private static final class Parser {
        private final String origin;
        private final Map<String, Map<String, String>> sections = new LinkedHashMap<>();
        private final List<String> value = new ArrayList<>();
        private String section = "";
        private String option = "";
        private int line;

        Parser(String origin) {
            this.origin = origin;
        }

        Map<String, Map<String, String>> parse(String text) {
            for (var raw : text.split("\r?\n", -1)) {
                line++;
                one(raw);
            }
            finishOption();
            return sections;
        }

        private void one(String raw) {
            var trimmed = raw.strip();
            if (trimmed.startsWith("#") || trimmed.startsWith(";")) {
                return;
            }
            if (trimmed.isEmpty()) {
                if (!option.isEmpty()) {
                    value.add("");
                }
            } else if (Character.isWhitespace(raw.charAt(0)) && !option.isEmpty()) {
                value.add(trimmed);
            } else if (trimmed.startsWith("[") && trimmed.endsWith("]")) {
                finishOption();
                section = trimmed.substring(1, trimmed.length() - 1);
                if (sections.putIfAbsent(section, new LinkedHashMap<>()) != null) {
                    throw malformed("section [" + section + "] is there twice");
                }
            } else {
                option(trimmed);
            }
        }

        private void option(String trimmed) {
            finishOption();
            int separator = separator(trimmed);
            if (section.isEmpty()) {
                throw malformed("'" + trimmed + "' stands before any [section]");
            }
            if (separator <= 0) {
                throw malformed("neither a [section] nor 'option = value': '" + trimmed + "'");
            }
            option = trimmed.substring(0, separator).strip().toLowerCase(Locale.ROOT);
            if (sections.getOrDefault(section, Map.of()).containsKey(option)) {
                throw malformed("option '" + option + "' is twice in [" + section + "]");
            }
            value.add(trimmed.substring(separator + 1).strip());
        }

        private static int separator(String text) {
            int equals = text.indexOf('=');
            int colon = text.indexOf(':');
            return equals < 0 ? colon : colon < 0 ? equals : Math.min(equals, colon);
        }

        private void finishOption() {
            if (!option.isEmpty()) {
                var text = String.join("\n", value).stripTrailing();
                sections.computeIfAbsent(section, _ -> new LinkedHashMap<>()).put(option, percent(text));
            }
            option = "";
            value.clear();
        }

        private String percent(String text) {
            var doubled = text.replace("%%", "\0");
            if (doubled.indexOf('%') >= 0) {
                throw malformed("a percent sign in a value must be doubled (option '" + option + "')");
            }
            return doubled.replace('\0', '%');
        }

        private MalformedException malformed(String why) {
            return new MalformedException(origin + ", line " + line + ": " + why);
        }
    }
}
