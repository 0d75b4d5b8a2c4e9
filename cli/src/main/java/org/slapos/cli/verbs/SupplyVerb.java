package org.slapos.cli.verbs;

import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;
import org.slapos.protocol.jsonrpc.MarketCall;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slapos supply`: wants a SoftwareRelease installed on a Computer.
@Command(
        description = {
            "Has a SoftwareRelease installed on a Computer.",
            "It is built at the Computer's next pass; 'slapos computer info' shows how far it is. Twice is once."
        },
        footer = {
            "",
            "Examples:",
            "  slapos supply https://cloud.example:8443/software/helloworld/software.cfg COMP-1",
            "  slapos supply product.helloworld COMP-1     the best release of that product",
            "  slapos supply product.kvm COMP-1 --type large --customer PERSON-2 --price 7EUR/month"
        })
class SupplyVerb extends Verb {
    @Parameters(
            index = "0",
            paramLabel = "SOFTWARE_URL",
            description = "The SoftwareRelease's profile, or product.NAME.")
    private String url = "";

    @Parameters(index = "1", paramLabel = "COMPUTER", description = "Reference of the Computer, such as COMP-1.")
    private String computer = "";

    @Option(names = "--type", paramLabel = "TYPE", description = "Only instances of that type may be placed there.")
    private @Nullable String type;

    @Option(names = "--customer", paramLabel = "PERSON", description = "Only that person's may; others do not see it.")
    private @Nullable String customer;

    @Option(
            names = "--price",
            paramLabel = "PRICE",
            description = "What such an instance costs there: 7EUR/month; else what 'computer set' says.")
    private @Nullable String price;

    @Option(
            names = "--from",
            paramLabel = "MOMENT",
            description = "When that begins, such as 2027-01-01T00:00:00Z; now unless given.")
    private @Nullable String from;

    @Option(
            names = "--keep-software",
            description = "To 'remove': nothing new is placed there, but the software and what runs stay.")
    private boolean keepSoftware;

    SoftwareState wanted() {
        return SoftwareState.AVAILABLE;
    }

    @Override
    public final int call() throws IOException {
        try (var master = connect()) {
            var release = softwareRelease(master, url);
            boolean isRemoval = wanted() == SoftwareState.DESTROYED;
            log().info("Requesting " + (isRemoval ? "the removal of " : "") + release + " on " + computer + "...");
            if (type != null || customer != null || price != null || from != null || keepSoftware) {
                master.json(new MarketCall.ChangeSupply(
                        computer,
                        release,
                        !isRemoval,
                        Optional.ofNullable(type),
                        Optional.ofNullable(customer),
                        Optional.ofNullable(price),
                        Optional.ofNullable(from).map(SupplyVerb::moment)));
            } else {
                supply(master, release);
            }
            log().info("Done. 'slapos computer info " + computer + " -o table' shows how far it is.");
            var answer = SlapClient.parameters()
                    .put("software-url", release)
                    .put("computer", computer)
                    .put("requested-state", wanted().wire());
            print(
                    new Found(
                            () -> answer,
                            () -> new Table("", "COMPUTER", "SOFTWARE RELEASE", "WANTED")
                                    .row(computer, release, wanted().wire()),
                            List.of(release)),
                    () -> {});
            return ExitStatus.OK;
        }
    }

    private static Instant moment(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new CommandFailure(
                    ExitStatus.NOT_READY, "--from: '" + text + "' is no moment such as 2027-01-01T00:00:00Z");
        }
    }

    private void supply(SlapClient master, String release) {
        try {
            master.supply(release, new ComputerId(computer), wanted());
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitStatus.NOT_READY, "not a Computer's reference: " + e.getMessage());
        } catch (SlapException e) {
            if (e.kind() == SlapException.Kind.NOT_FOUND) {
                throw new CommandFailure(
                        ExitStatus.FAILED,
                        "the Master knows no Computer " + computer + ". 'slapos computer list' lists yours.");
            }
            throw e;
        }
    }

    /// The URL, or for `product.NAME` the best release that the Master has of that product.
    ///
    /// @throws CommandFailure when it has none
    static String softwareRelease(SlapClient master, String word) {
        if (!word.startsWith("product.")) {
            return word;
        }
        var product = word.substring("product.".length());
        var releases = master.softwareReleases(product, Optional.empty());
        if (releases.isEmpty()) {
            throw new CommandFailure(
                    ExitStatus.FAILED,
                    "the Master has no SoftwareRelease of a product '" + product + "'. Give its URL.");
        }
        return releases.getFirst();
    }
}
