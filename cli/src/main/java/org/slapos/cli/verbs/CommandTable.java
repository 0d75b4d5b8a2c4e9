package org.slapos.cli.verbs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.slapos.protocol.NearestWord;
import picocli.CommandLine.Command;

/// All commands by their words. A command is made when it is called or explained, so that none pays for the others.
public record CommandTable(List<Entry> entries) {

    /// @param words   what one types after `slapos`, such as `service list`
    /// @param section where the general help has it
    public record Entry(String words, Section section, Supplier<Verb> make) {
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

    /// Finds the command in a line on which global options may stand anywhere.
    public Called find(List<String> line) {
        var words = new ArrayList<String>();
        var rest = new ArrayList<String>();
        for (int at = 0; at < line.size(); at++) {
            var word = line.get(at);
            if (!word.startsWith("-")) {
                words.add(word);
                var entry = entry(String.join(" ", words));
                if (entry.isPresent()) {
                    rest.addAll(line.subList(at + 1, line.size()));
                    return new Called.Verb(entry.get(), rest);
                }
                if (words.size() > 1 || !isGroup(word)) {
                    return unknown(words);
                }
            } else {
                int equals = word.indexOf('=');
                var name = equals < 0 ? word : word.substring(0, equals);
                if (words.isEmpty() && !GlobalOptions.NAMES.contains(name) && !name.matches("-[vqh]+")) {
                    return new Called.Unknown(word, Optional.empty(), "");
                }
                rest.add(word);
                if (equals < 0 && GlobalOptions.WITH_VALUE.contains(word) && at + 1 < line.size()) {
                    at++;
                    rest.add(line.get(at));
                }
            }
        }
        return new Called.Help(String.join(" ", words));
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

    private Called unknown(List<String> words) {
        var group = words.size() > 1 ? words.getFirst() : "";
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
        return new Called.Unknown(words.getLast(), Optional.of(NearestWord.of(words.getLast(), known)), group);
    }
}
