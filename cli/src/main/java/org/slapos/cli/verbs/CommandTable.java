package org.slapos.cli.verbs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.slapos.protocol.NearestWord;
import picocli.CommandLine.Command;

/// All commands by their words. A command is made when it is called or explained, so that none pays for the others.
public record CommandTable(List<Entry> entries) {

    /// The options with a value of commands that pass their arguments on.
    private static final Set<String> PASSING_WITH_VALUE = Set.of("-u", "-k", "-c");

    /// @param words    what one types after `slapos`, such as `service list`
    /// @param section  where the general help has it
    /// @param passesOn whether what follows its first argument is for somebody else, options too
    public record Entry(String words, Section section, Supplier<Verb> make, boolean passesOn) {
        public Entry(String words, Section section, Supplier<Verb> make) {
            this(words, section, make, false);
        }

        String firstWord() {
            int space = words.indexOf(' ');
            return space < 0 ? words : words.substring(0, space);
        }

        /// What it does, in a line.
        String summary() {
            var command = make.get().getClass().getAnnotation(Command.class);
            return command == null ? "" : command.description()[0];
        }
    }

    /// The parts of the general help.
    public enum Section {
        CLIENT("client"),
        PARTIES("who is who"),
        CACHELOOKUP("cachelookup"),
        OTHER("other");

        private final String title;

        Section(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    /// What the words of a line ask for.
    public sealed interface Called {
        /// @param arguments everything but the command's own words
        record Verb(Entry entry, List<String> arguments) implements Called {}

        /// @param words the beginning of commands, such as `service`; empty for all
        record Help(String words) implements Called {}

        /// @param group   the word before it, such as `service`; empty for none
        /// @param nearest the known word that looks most like it
        record Unknown(String word, Optional<String> nearest, String group) implements Called {}
    }

    /// Finds the command in a line without global options.
    public Called find(List<String> line) {
        if (line.isEmpty()) {
            return new Called.Help("");
        }
        var first = line.getFirst();
        var entry = entry(first);
        if (entry.isPresent()) {
            return new Called.Verb(entry.get(), line.subList(1, line.size()));
        }
        if (first.startsWith("-") || !isGroup(first)) {
            return unknown(first, "");
        }
        if (line.size() == 1) {
            return new Called.Help(first);
        }
        entry = entry(first + " " + line.get(1));
        return entry.isPresent()
                ? new Called.Verb(entry.get(), line.subList(2, line.size()))
                : unknown(line.get(1), first);
    }

    /// How many words of the line global options may stand among: all, but for a command that passes its arguments on.
    int reach(List<String> line) {
        boolean isPassedOn = false;
        for (int at = 0; at < line.size(); at++) {
            var word = line.get(at);
            if (GlobalOptions.WITH_VALUE.contains(word) || (isPassedOn && PASSING_WITH_VALUE.contains(word))) {
                at++;
            } else if (!word.startsWith("-")) {
                if (isPassedOn) {
                    return at;
                }
                if (!entry(word).map(Entry::passesOn).orElse(false)) {
                    return line.size();
                }
                isPassedOn = true;
            }
        }
        return line.size();
    }

    /// The command of exactly these words.
    public Optional<Entry> entry(String words) {
        return entries.stream().filter(entry -> entry.words().equals(words)).findFirst();
    }

    /// Whether commands begin with this word and need another.
    public boolean isGroup(String word) {
        return entries.stream().anyMatch(entry -> entry.words().startsWith(word + " "));
    }

    /// The commands that begin with the words, all when empty, by section.
    Map<Section, List<Entry>> below(String words) {
        var found = new LinkedHashMap<Section, List<Entry>>();
        for (var entry : entries) {
            if (words.isEmpty() || entry.words().startsWith(words + " ")) {
                found.computeIfAbsent(entry.section(), _ -> new ArrayList<>()).add(entry);
            }
        }
        return found;
    }

    private Called unknown(String word, String group) {
        if (word.startsWith("-")) {
            return new Called.Unknown(word, Optional.empty(), group);
        }
        var known = new TreeSet<String>();
        for (var entry : entries) {
            if (group.isEmpty()) {
                known.add(entry.firstWord());
            } else if (entry.words().startsWith(group + " ")) {
                known.add(entry.words().substring(group.length() + 1));
            }
        }
        if (group.isEmpty()) {
            known.addAll(OtherPrograms.names());
            known.add("help");
        }
        return new Called.Unknown(word, Optional.of(NearestWord.of(word, known)), group);
    }
}
