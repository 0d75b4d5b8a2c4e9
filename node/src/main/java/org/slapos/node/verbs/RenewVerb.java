package org.slapos.node.verbs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import org.slapos.node.instance.RefreshCertificates;
import org.slapos.protocol.client.RenewIdentity;
import org.slapos.protocol.client.SlapClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `slapos node renew`.
@Command(
        name = "renew",
        description = {
            "Renew the certificate of this Computer now, and fetch those of its instances.",
            "The agent does it by itself, in time; the old certificate works for some days more.",
            "A running agent goes on with the old one until it looks by itself, or is started again."
        })
public final class RenewVerb extends NodeVerb {
    private static final Logger LOG = LoggerFactory.getLogger(RenewVerb.class);

    @Option(names = "--if-due", description = "only when two thirds of its life are over")
    private boolean ifDue;

    @Override
    protected int run() {
        var configuration = configuration();
        var identity = configuration.masterSettings().identity();
        if (identity.isEmpty()) {
            LOG.error("{} names no certificate (cert_file, key_file)", configurationFile());
            return FAILED;
        }
        try (var master = SlapClient.open(configuration.masterSettings())) {
            if (ifDue && RenewIdentity.due(master).isAfter(Instant.now())) {
                LOG.info("nothing to do before {}", RenewIdentity.due(master));
            } else {
                new RenewIdentity(identity.get()).renew(master);
                LOG.info("renewed {}", identity.get().certificate());
            }
            if (master.computerInformation(configuration.computerId(), "")
                    instanceof SlapClient.Conditional.Changed(var promised, var _)) {
                new RefreshCertificates(configuration, host(configuration), master).refresh(promised);
            }
            return SUCCESS;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
