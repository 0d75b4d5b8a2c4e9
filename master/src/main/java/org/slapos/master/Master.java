package org.slapos.master;

import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.slapos.master.catalogue.CatalogueDoor;
import org.slapos.master.health.HealthDoor;
import org.slapos.master.http.HttpServer;
import org.slapos.master.http.Mount;
import org.slapos.master.mail.Mail;
import org.slapos.master.mail.SmtpMail;
import org.slapos.master.mail.SpoolMail;
import org.slapos.master.party.Assignments;
import org.slapos.master.party.FrontendIdentities;
import org.slapos.master.party.Identities;
import org.slapos.master.pki.RevocationLists;
import org.slapos.master.pki.ServerIdentity;
import org.slapos.master.registration.PublishedTrust;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The whole Master, built with `new` wing by wing, and closed in reverse order.
public final class Master implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Master.class);

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final HttpServer server;
    private final boolean isPlain;

    private Master(MasterConfiguration configuration, InstantSource clock, SecureRandom random) throws IOException {
        try {
            var foundation = opened(Foundation.lay(configuration, clock, random, false));
            var assignments = opened(new Assignments(foundation.database()));
            var identities = opened(new Identities(foundation.database(), clock, foundation.authority(), assignments));
            var mounts = doors(configuration, foundation);
            var trades = opened(trades(configuration, foundation, assignments));
            mounts.addAll(trades.mounts());
            this.isPlain = configuration.plainHttp();
            var shown = isPlain
                    ? Optional.<ServerIdentity>empty()
                    : Optional.of(ServerCertificate.make(configuration, foundation));
            this.server = opened(HttpServer.open(
                    new HttpServer.Settings(configuration.host(), configuration.port(), configuration.publicUrl())
                            .withNameHeader(configuration.frontends().header()),
                    shown.map(ServerCertificate::key),
                    new FrontendIdentities(identities, configuration.frontends())::of,
                    mounts));
            opened(trades::endWaiting);
            identities.whenRevoked(fingerprint -> server.endConnections(fingerprint, identities::working));
            shown.ifPresent(identity -> opened(ServerCertificate.keep(configuration, foundation, server, identity)));
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /// Opens the Master; what is missing (folder, database, authority, first person) is made.
    ///
    /// @throws IOException with one sentence that says what is in the way
    public static Master open(MasterConfiguration configuration, InstantSource clock, SecureRandom random)
            throws IOException {
        return new Master(configuration, clock, random);
    }

    /// Makes what is missing, without serving.
    ///
    /// @param again the first person lost their certificate: it is revoked, and a new token is written
    /// @throws IOException with one sentence that says what is in the way
    public static void initialise(
            MasterConfiguration configuration, InstantSource clock, SecureRandom random, boolean again)
            throws IOException {
        initialise(configuration, clock, random, new Foundation.Beginning(again, Optional.empty()));
    }

    static void initialise(
            MasterConfiguration configuration, InstantSource clock, SecureRandom random, Foundation.Beginning beginning)
            throws IOException {
        Foundation.lay(configuration, clock, random, beginning).close();
    }

    /// The ways in. Each wing adds the mounts of its doors here, and is closed with the Master by [#opened].
    private static List<Mount> doors(MasterConfiguration configuration, Foundation foundation) {
        var mounts = new ArrayList<Mount>();
        var trust = new PublishedTrust(
                foundation.authority(),
                new RevocationLists(foundation.database(), foundation.clock(), foundation.authority()));
        mounts.add(new Mount("/ca.crt", trust::authority));
        mounts.add(new Mount("/crl", trust::current));
        mounts.add(new Mount("/crl.pem", trust::all));
        mounts.add(new Mount("/crl/", trust::one));
        mounts.add(new Mount("/health", new HealthDoor(foundation.database())));
        configuration.software().ifPresent(folder -> mounts.add(new Mount("/software/", new CatalogueDoor(folder))));
        return mounts;
    }

    private static Trades trades(MasterConfiguration configuration, Foundation foundation, Assignments assignments) {
        return new Trades(
                foundation.database(),
                foundation.clock(),
                foundation.authority(),
                foundation.random(),
                assignments,
                configuration.people(),
                configuration
                        .people()
                        .smtp()
                        .<Mail>map(SmtpMail::new)
                        .orElseGet(() -> new SpoolMail(configuration.mailFolder())));
    }

    private <T extends AutoCloseable> T opened(T part) {
        opened.push(part);
        return part;
    }

    /// Where callers on this machine reach it: `https://localhost:8443/`.
    public URI url() {
        var address = server.address();
        return URI.create((isPlain ? "http" : "https") + "://" + Foundation.callable(address.getAddress()) + ":"
                + address.getPort() + "/");
    }

    @Override
    public void close() {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                log.error("while closing the Master", e);
            }
        }
    }
}
