package org.slapos.node.agent;

import java.io.IOException;
import java.time.Duration;
import org.slapos.node.instance.RefreshCertificates;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.client.RenewIdentity;
import org.slapos.protocol.client.SlapException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Renews the Computer's certificate when the Master says that it is time to, and fetches those of its instances again.
/// For one thread.
public final class CertificateLoop {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateLoop.class);
    private static final Duration USUAL_PAUSE = Duration.ofHours(6);
    private static final Duration SHORT_PAUSE = Duration.ofMinutes(5);

    private final NodeRooms rooms;
    private final RefreshCertificates instances;

    public CertificateLoop(NodeRooms rooms) {
        this.rooms = rooms;
        this.instances = new RefreshCertificates(rooms.configuration(), rooms.host(), rooms.master());
    }

    /// @return how long to wait before the next one
    public Duration pass(ComputerInformation promised) {
        try {
            renewOwn();
            instances.refresh(promised);
            return USUAL_PAUSE;
        } catch (SlapException e) {
            if (e.kind() == SlapException.Kind.NOT_FOUND) {
                return USUAL_PAUSE; // a Master that knows of no renewal
            }
            LOG.warn("the certificate of this Computer is not renewed: {}", e.getMessage());
        } catch (IOException | MalformedException e) {
            LOG.error("the certificate of this Computer is not renewed: {}", e.getMessage());
        }
        return SHORT_PAUSE;
    }

    private void renewOwn() throws IOException {
        var identity = rooms.configuration().masterSettings().identity();
        if (identity.isPresent()
                && !RenewIdentity.due(rooms.master()).isAfter(rooms.clock().instant())) {
            new RenewIdentity(identity.get()).renew(rooms.master());
            LOG.info(
                    "renewed the certificate of this Computer: {}",
                    identity.get().certificate());
        }
    }
}
