package org.slapos.master.http;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.Scheduler;

/// Closes a connection whose handshake, or the head of whose request, does not come to its end: each byte starts the
/// idle time of a connection anew, so that a byte now and then would keep it for ever. Looks at all connections,
/// several times within the limit.
final class HeadDeadline extends AbstractLifeCycle implements Connection.Listener {
    private static final String NO_CIPHER = "SSL_NULL_WITH_NULL_NULL";

    private final Scheduler scheduler;
    private final Duration limit;
    private final Map<Connection, Unfinished> connections = new ConcurrentHashMap<>();

    /// @param message how many requests came before the one that is coming; of a handshake always -1
    private record Unfinished(long message, long sinceNanos) {
        /// What no connection has unfinished.
        static final Unfinished NOTHING = new Unfinished(Long.MIN_VALUE, 0);
    }

    HeadDeadline(Scheduler scheduler, Duration limit) {
        this.scheduler = scheduler;
        this.limit = limit;
    }

    @Override
    protected void doStart() {
        again();
    }

    private void again() {
        scheduler.schedule(this::look, Math.max(1, limit.toMillis() / 4), TimeUnit.MILLISECONDS);
    }

    private void look() {
        if (isRunning()) {
            long now = System.nanoTime();
            connections.replaceAll((connection, before) -> look(connection, before, now));
            again();
        }
    }

    private Unfinished look(Connection connection, Unfinished before, long now) {
        if (!isUnfinished(connection)) {
            return Unfinished.NOTHING;
        }
        if (before.message() != connection.getMessagesIn()) {
            return new Unfinished(connection.getMessagesIn(), now);
        }
        if (now - before.sinceNanos() > limit.toNanos()) {
            connection.getEndPoint().close();
        }
        return before;
    }

    private static boolean isUnfinished(Connection connection) {
        return switch (connection) {
            case SslConnection tls ->
                NO_CIPHER.equals(tls.getSSLEngine().getSession().getCipherSuite());
            case HttpConnection http ->
                http.getParser().getState().compareTo(HttpParser.State.START) > 0
                        && http.getParser().getState().compareTo(HttpParser.State.CONTENT) < 0;
            default -> false;
        };
    }

    @Override
    public void onOpened(Connection connection) {
        if (connection instanceof SslConnection || connection instanceof HttpConnection) {
            connections.put(connection, Unfinished.NOTHING);
        }
    }

    @Override
    public void onClosed(Connection connection) {
        connections.remove(connection);
    }
}
