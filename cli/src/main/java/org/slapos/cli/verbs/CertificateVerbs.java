package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.util.Locale;
import org.slapos.protocol.client.RenewIdentity;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.jsonrpc.CertificateCall;
import org.slapos.protocol.jsonrpc.JsonAnswer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slapos certificate`: your own certificate, and those of your Computers and instances.
final class CertificateVerbs {
    private CertificateVerbs() {}

    /// `slapos certificate list`.
    @Command(
            description = {
                "Lists the certificates that are yours: your own, your Computers', your instances'.",
                "Shows until when each works and when it was last shown to the Master."
            },
            footer = {"", "Example:", "  slapos certificate list -o yaml"})
    static final class Listing extends Verb {
        private static final int PAGE = 1000;

        @Option(names = "--all", description = "Those that do not work any more, too.")
        private boolean all;

        @Override
        protected boolean needsNoArguments() {
            return true;
        }

        @Override
        public int call() throws IOException {
            try (var master = connect()) {
                var found =
                        master.json(new CertificateCall.Listing(all, PAGE, 0)).rows();
                var table = new Table("No certificate.", "SUBJECT", "KIND", "STATE", "EXPIRES", "LAST USED", "SERIAL");
                found.forEach(row -> table.row(
                        row.reference(),
                        row.kind().toLowerCase(Locale.ROOT),
                        row.state(),
                        row.ends().orElse(row.notAfter()),
                        row.used().orElse("never"),
                        row.serial()));
                var record = JsonNodeFactory.instance.arrayNode();
                found.stream().map(JsonAnswer::write).forEach(record::add);
                print(new Found(
                        () -> record,
                        () -> table,
                        found.stream().map(row -> row.serial()).toList()));
                return ExitStatus.OK;
            }
        }
    }

    /// `slapos certificate renew`.
    @Command(
            description = {
                "Makes a new key here and gets a certificate for it, in the files of your configuration.",
                "The old one works for some days more. Nodes renew theirs by themselves."
            },
            footer = {"", "Example, once a month from cron:", "  slapos certificate renew --if-due"})
    static final class Renew extends Verb {
        @Option(names = "--if-due", description = "Only when two thirds of its life are over.")
        private boolean ifDue;

        @Override
        protected boolean needsNoArguments() {
            return true;
        }

        @Override
        public int call() throws IOException {
            var configuration = configuration();
            var identity = configuration
                    .identity()
                    .orElseThrow(() -> new CommandFailure(
                            ExitStatus.FAILED,
                            configuration.origin() + " names no certificate: run 'slapos configure client' first."));
            var renewal = new RenewIdentity(identity);
            renewal.finish();
            try (var master = configuration.connect()) {
                if (ifDue && RenewIdentity.due(master).isAfter(session().time().now())) {
                    log().info("Nothing to do before " + RenewIdentity.due(master) + ".");
                    return ExitStatus.OK;
                }
                renewal.renew(master);
                var life = master.json(new CertificateCall.Own());
                log().info("Renewed: " + identity.certificate() + " works until " + life.notAfter() + ".");
                return ExitStatus.OK;
            }
        }
    }

    /// `slapos certificate revoke`.
    @Command(
            description = {
                "Ends a certificate at once, and closes its connections: it was stolen, or its machine is gone.",
                "Of a person, another one needs a new token; of a Computer, 'slapos node register' again."
            },
            footer = {"", "Example:", "  slapos certificate revoke 6b1f0c..."})
    static final class Revoke extends Verb {
        @Parameters(paramLabel = "SERIAL", description = "As 'slapos certificate list' shows it.")
        private String serial = "";

        @Override
        public int call() throws IOException {
            try (SlapClient master = connect()) {
                master.json(new CertificateCall.Revoke(serial));
                log().info("Revoked: " + serial + ".");
                return ExitStatus.OK;
            }
        }
    }
}
