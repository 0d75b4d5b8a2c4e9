package org.slapos.cli.verbs;

import java.io.PrintWriter;

/// What `slapos help` says: the commands in groups, each in a line.
final class GeneralHelp {
    private static final int INDENT = 22;

    private GeneralHelp() {}

    /// @param words the beginning of the commands to list; empty for all
    static void print(PrintWriter out, CommandTable commands, String words) {
        if (words.isEmpty()) {
            out.println("""
                    Usage: slapos [OPTION]... COMMAND [ARGUMENT]...

                    Asks a SlapOS Master for software and instances, and shows what it knows.

                      slapos demo start                              a whole cloud on this machine
                      slapos supply https://.../software.cfg COMP-1  have a SoftwareRelease installed on a Computer
                      slapos request blog https://.../software.cfg   have an instance of it
                      slapos service info blog -o table              where it is and how to reach it

                    'slapos help COMMAND' says more of a command.""");
        } else {
            out.println("Usage: slapos " + words + " COMMAND [ARGUMENT]...");
        }
        commands.below(words).forEach((section, entries) -> {
            out.println();
            out.println(section.title() + ":");
            entries.forEach(entry -> line(out, entry.words(), entry.summary()));
        });
        if (words.isEmpty()) {
            out.println();
            out.println("node and other programs, each with its own help ('slapos node --help'):");
            OtherPrograms.all().forEach((name, program) -> line(out, name, program.summary()));
            out.println("""

                    Options, anywhere on the line:
                      --cfg FILE            client configuration; else $SLAPOS_CLIENT_CONFIGURATION,
                                            else ~/.slapos/slapos-client.cfg
                      -o, --output FORMAT   print results as table, json, yaml, or name (one reference a line)
                      -v, --verbose         say more; -q, --quiet: only warnings and errors
                      --log-file FILE       write everything that is said to this file, too
                      --log-color           colour what is said, on a terminal or not
                      --debug               show where a failure came from
                      --version, -h, --help

                    Exit status: 0 done; 1 failed; 2 unknown, not ready, or wrong arguments; 5 no such command.""");
        }
    }

    /// Of a program that is not this one.
    static void program(PrintWriter out, String name) {
        var program = java.util.Objects.requireNonNull(OtherPrograms.all().get(name));
        out.println("slapos " + name + ": " + program.summary() + ".");
        out.println("Commands: " + String.join(", ", program.commands()));
        out.println("'slapos " + name + " --help' says more.");
    }

    private static void line(PrintWriter out, String name, String summary) {
        out.println("  " + name + " ".repeat(Math.max(2, INDENT - name.length())) + summary);
    }
}
