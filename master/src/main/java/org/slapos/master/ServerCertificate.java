package org.slapos.master;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import org.slapos.master.http.HttpServer;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.pki.ServerIdentity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives the server another certificate when another key signs, and at two thirds of its life, while it runs; the file
/// with what callers trust follows.
final class ServerCertificate implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ServerCertificate.class);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final MasterConfiguration configuration;
    private final CertificateAuthority authority;
    private final InstantSource clock;
    private final HttpServer server;
    private final Thread looking;
    private ServerIdentity shown;

    private ServerCertificate(
            MasterConfiguration configuration, Foundation foundation, HttpServer server, ServerIdentity shown) {
        this.configuration = configuration;
        this.authority = foundation.authority();
        this.clock = foundation.clock();
        this.server = server;
        this.shown = shown;
        this.looking = Thread.ofVirtual().name("server-certificate").start(this::lookAgainAndAgain);
    }

    static ServerIdentity make(MasterConfiguration configuration, Foundation foundation) {
        return foundation
                .authority()
                .server(
                        Foundation.serverNames(configuration),
                        foundation.clock().instant());
    }

    static HttpServer.ServerKey key(ServerIdentity identity) {
        return new HttpServer.ServerKey(identity.chain(), identity.key());
    }

    /// @param shown what the server shows now
    static ServerCertificate keep(
            MasterConfiguration configuration, Foundation foundation, HttpServer server, ServerIdentity shown) {
        return new ServerCertificate(configuration, foundation, server, shown);
    }

    private void lookAgainAndAgain() {
        try {
            while (true) {
                Thread.sleep(PAUSE);
                try {
                    look();
                } catch (IOException | RuntimeException e) {
                    log.error("the server's certificate is not renewed", e);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() throws IOException {
        var now = clock.instant();
        if (shown.signer() == authority.servingKey() && now.isBefore(shown.renewFrom())) {
            return;
        }
        shown = authority.server(Foundation.serverNames(configuration), now);
        server.show(key(shown));
        Foundation.replace(configuration.authorityFile(), authority.certificatePem(), "rw-r--r--");
        log.info("the server shows a new certificate, signed by key {}", shown.signer());
    }

    @Override
    public void close() {
        looking.interrupt();
        try {
            looking.join(Duration.ofSeconds(5));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
