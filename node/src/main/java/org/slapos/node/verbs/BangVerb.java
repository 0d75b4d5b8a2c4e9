package org.slapos.node.verbs;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `slapos node bang`.
@Command(
        name = "bang",
        description = {
            "Tell the Master that something changed or broke here, so that all instances of this Computer are processed",
            "again. Exit status: 0 told, 1 the Master refused or is away."
        })
public final class BangVerb extends NodeVerb {
    private static final Logger LOG = LoggerFactory.getLogger(BangVerb.class);

    @Option(
            names = {"-m", "--message"},
            paramLabel = "TEXT",
            description = "what happened (default: none)")
    private String message = "";

    @Override
    protected int run() {
        var configuration = configuration();
        System.out.println("Banging " + configuration.computerId() + " at " + configuration.masterUrl());
        try (var master = SlapClient.open(configuration.masterSettings())) {
            master.bang(configuration.computerId(), message);
        } catch (SlapException e) {
            LOG.error("{}", e.getMessage());
            return FAILED;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        System.out.println("Bang sent: its instances are processed again");
        return SUCCESS;
    }
}
