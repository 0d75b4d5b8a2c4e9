package org.slapos.cli.verbs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The script by which a shell completes `slapos`. One POSIX function knows the candidates, in every shell; a few lines
/// of each shell's own language call it. Only names that the Master knows are asked for when a word is completed.
final class CompletionScript {
    private static final String BASH = """
            _slapos() {
                local line=${COMP_LINE:0:COMP_POINT} typed= found candidate prefix
                local -a said
                read -ra said <<< "$line"
                # Not bash's own words: for it a colon ends a word.
                case "$line" in
                    *[[:space:]]) ;;
                    *) typed=${said[${#said[@]}-1]}; unset "said[${#said[@]}-1]" ;;
                esac
                COMPREPLY=()
                if ! found=$(_slapos_candidates "$typed" "${said[@]:1}"); then
                    compopt -o default
                    return
                fi
                prefix=
                case "$COMP_WORDBREAKS" in *:*) prefix=${typed%"${typed##*[:=]}"} ;; esac
                while IFS= read -r candidate; do
                    case "$candidate" in
                        "$typed"?*|"$typed") [ -n "$candidate" ] && COMPREPLY+=("$(printf %q "${candidate#"$prefix"}")") ;;
                    esac
                done <<< "$found"
            }
            complete -F _slapos slapos
            """;

    private static final String ZSH = """
            _slapos() {
                local found
                local -a candidates
                if found=$(_slapos_candidates "${words[CURRENT]}" "${(@)words[2,CURRENT-1]}"); then
                    candidates=("${(@f)found}")
                    compadd -a candidates
                else
                    _files
                fi
            }
            if [ "$funcstack[1]" = _slapos ]; then
                _slapos "$@"
            else
                compdef _slapos slapos
            fi
            """;

    private static final String FISH = """
            function __slapos_candidates
                set -l typed (commandline -ct)
                set -l said (commandline -opc)
                sh -c '%s
            _slapos_candidates "$@"' slapos "$typed" $said[2..-1]; or __fish_complete_path "$typed"
            end
            complete -c slapos -f -a '(__slapos_candidates)'
            """;

    private final StringBuilder text = new StringBuilder();
    private final CommandTable commands;

    private CompletionScript(CommandTable commands) {
        this.commands = commands;
    }

    static String of(CompleteVerb.Shell shell, CommandTable commands) {
        var made = "# Completion of slapos; made by 'slapos complete --shell " + shell + "'.\n";
        var candidates = new CompletionScript(commands).candidates();
        return switch (shell) {
            case bash -> made + candidates + BASH;
            case zsh -> "#compdef slapos\n" + made + candidates + ZSH;
            case fish ->
                made + FISH.replace("%s", candidates.replace("\\", "\\\\").replace("'", "\\'"));
        };
    }

    /// A function that prints the candidates for a word, of which `$1` is typed, after the words `$2`...; it fails when
    /// a file is wanted.
    private String candidates() {
        var specs = new ArrayList<CommandSpec>();
        commands.entries()
                .forEach(entry ->
                        specs.add(CommandRun.line(entry, entry.make().get()).getCommandSpec()));
        text.append("""
                _slapos_names() {
                    if [ -n "$2" ]; then
                        timeout 3 slapos complete --names "$1" --cfg "$2" 2>/dev/null
                    else
                        timeout 3 slapos complete --names "$1" 2>/dev/null
                    fi
                    return 0
                }
                _slapos_candidates() {
                    local typed="$1" said="" valued="" configuration="" word=""
                    shift
                    for word in "$@"; do
                        if [ -n "$valued" ]; then
                            [ "$valued" != --cfg ] || configuration=$word
                            valued=
                            continue
                        fi
                        case "$word" in
                """);
        line(3, String.join("|", optionsWithValue(specs)) + ") valued=$word ;;");
        line(3, "-*) ;;");
        line(3, "*) said=\"$said $word\" ;;");
        line(2, "esac");
        line(1, "done");
        line(1, "case \"$valued\" in");
        values(specs);
        line(2, "?*) return 0 ;;");
        line(1, "esac");
        line(1, "case \"$typed\" in");
        line(2, "-*)");
        line(3, "case \"$said\" in");
        specs.forEach(spec -> line(4, "\" " + words(spec) + "\"*) " + printed(options(spec)) + " ;;"));
        line(4, "*) " + printed(globals()) + " ;;");
        line(3, "esac");
        line(3, "return 0 ;;");
        line(1, "esac");
        line(1, "case \"$said\" in");
        words();
        specs.forEach(this::arguments);
        line(1, "esac");
        line(1, "return 0");
        return text.append("}\n").toString();
    }

    /// What may follow an option that takes a value: words, or a file.
    private void values(List<CommandSpec> specs) {
        line(2, "--cfg|--log-file|--logfile|--log_file) return 1 ;;");
        line(2, "-o|--output) " + printed(List.of("table", "json", "yaml", "name")) + "; return 0 ;;");
        var seen = new TreeSet<String>();
        for (var option :
                specs.stream().flatMap(spec -> spec.options().stream()).toList()) {
            var names = String.join("|", option.names());
            if (option.arity().max() == 0 || option.hidden() || !seen.add(names)) {
                continue;
            }
            if (option.type().isEnum()) {
                var constants = List.of(option.type().getEnumConstants());
                line(
                        2,
                        names + ") "
                                + printed(
                                        constants.stream().map(Object::toString).toList()) + "; return 0 ;;");
            } else if (option.type() == Path.class) {
                line(2, names + ") return 1 ;;");
            } else if (names.equals("--state")) {
                line(2, names + ") " + printed(List.of("started", "stopped", "destroyed")) + "; return 0 ;;");
            } else if (names.equals("--force-serialisation")) {
                line(2, names + ") " + printed(List.of("xml", "json-in-xml")) + "; return 0 ;;");
            }
        }
    }

    /// The commands themselves.
    private void words() {
        var first = new TreeSet<>(OtherPrograms.names());
        first.add("help");
        var groups = new TreeSet<String>();
        for (var entry : commands.entries()) {
            first.add(entry.firstWord());
            if (commands.isGroup(entry.firstWord())) {
                groups.add(entry.firstWord());
            }
        }
        line(2, "\"\"|\" help\") " + printed(first) + " ;;");
        for (var group : groups) {
            var second = commands.entries().stream()
                    .filter(entry -> entry.words().startsWith(group + " "))
                    .map(entry -> entry.words().substring(group.length() + 1))
                    .toList();
            line(2, "\" " + group + "\"|\" help " + group + "\") " + printed(second) + " ;;");
        }
        OtherPrograms.all()
                .forEach((name, program) -> line(2, "\" " + name + "\") " + printed(program.commands()) + " ;;"));
        line(2, "\" help\"*) ;;");
    }

    /// What may follow a command: names of the kind that its parameter's label says.
    private void arguments(CommandSpec spec) {
        var parameters = spec.positionalParameters();
        for (int at = parameters.size(); at >= 0; at--) {
            var action = switch (at < parameters.size() ? parameters.get(at).paramLabel() : "") {
                case "REFERENCE" -> "_slapos_names services \"$configuration\"";
                case "COMPUTER" -> "_slapos_names computers \"$configuration\"";
                case "SOFTWARE_URL" -> "_slapos_names releases \"$configuration\"";
                case "PROFILE", "SCRIPT" -> "return 1";
                default -> "";
            };
            // One word before for each parameter before.
            line(2, "\" " + words(spec) + "\"" + "\" \"?*".repeat(at) + ") " + action + " ;;");
        }
    }

    private static List<String> optionsWithValue(List<CommandSpec> specs) {
        var names = new TreeSet<>(GlobalOptions.WITH_VALUE);
        specs.stream()
                .flatMap(spec -> spec.options().stream())
                .filter(option -> option.arity().max() > 0)
                .forEach(option -> names.addAll(List.of(option.names())));
        return List.copyOf(names);
    }

    private static Set<String> options(CommandSpec spec) {
        var names = globals();
        spec.options().stream()
                .filter(option -> !option.hidden())
                .map(OptionSpec::longestName)
                .forEach(names::add);
        return names;
    }

    /// Of each global option the name that says most.
    private static Set<String> globals() {
        var names = new TreeSet<>(GlobalOptions.FLAGS);
        names.addAll(GlobalOptions.WITH_VALUE);
        names.removeIf(name -> !name.startsWith("--") || name.equals("--logfile") || name.equals("--log_file"));
        return names;
    }

    private static String words(CommandSpec spec) {
        return spec.name().substring("slapos ".length());
    }

    private static String printed(Iterable<String> words) {
        return "printf '%s\\n' " + String.join(" ", words);
    }

    private void line(int depth, String line) {
        text.append("    ".repeat(depth)).append(line).append('\n');
    }
}
