package org.slapos.node.verbs;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.InstantSource;
import java.util.List;
import org.slapos.node.doctor.Doctor;
import org.slapos.node.doctor.Finding;
import org.slapos.node.doctor.Finding.Verdict;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `slapos node doctor`.
@Command(
        name = "doctor",
        description = {
            "Try what partitions need, and say how to mend what does not work.",
            "Makes a user, addresses and an interface for a moment, and takes them away again.",
            "Exit status: 0 all that matters works, 1 something does not.",
            "Example: slapos node doctor -o json"
        })
public final class DoctorVerb extends NodeVerb {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// How findings are printed.
    enum Output {
        TEXT,
        JSON
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "text or json (default: text)")
    private Output output = Output.TEXT;

    @Override
    protected int run() {
        var configuration = configuration();
        var doctor = new Doctor(configuration, host(configuration), undoList(configuration), InstantSource.system());
        var findings = doctor.examine(finding -> {
            if (output == Output.TEXT) {
                print(finding);
            }
        });
        boolean healthy = findings.stream().noneMatch(finding -> finding.verdict() == Verdict.FAILED);
        if (output == Output.JSON) {
            System.out.println(json(findings, healthy).toPrettyString());
        } else {
            System.out.println(summary(findings));
        }
        return healthy ? SUCCESS : FAILED;
    }

    private static void print(Finding finding) {
        System.out.printf("%-8s %-14s %s%n", word(finding), finding.check(), finding.said());
        finding.mend().ifPresent(mend -> System.out.printf("%-8s %-14s mend: %s%n", "", "", mend));
    }

    private static String word(Finding finding) {
        return finding.verdict().name().toLowerCase(java.util.Locale.ROOT);
    }

    private static String summary(List<Finding> findings) {
        long failed = count(findings, Verdict.FAILED);
        long warnings = count(findings, Verdict.WARNING);
        return failed == 0 && warnings == 0
                ? "all is well"
                : failed + " failed, " + warnings + " warnings, of " + findings.size() + " checks";
    }

    private static long count(List<Finding> findings, Verdict verdict) {
        return findings.stream().filter(finding -> finding.verdict() == verdict).count();
    }

    private static ObjectNode json(List<Finding> findings, boolean healthy) {
        var all = JSON.createObjectNode().put("healthy", healthy);
        var list = all.putArray("checks");
        for (var finding : findings) {
            var one = list.addObject()
                    .put("check", finding.check())
                    .put("verdict", word(finding))
                    .put("said", finding.said());
            finding.mend().ifPresent(mend -> one.put("mend", mend));
        }
        return all;
    }
}
