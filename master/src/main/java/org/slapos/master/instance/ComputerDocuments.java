package org.slapos.master.instance;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slapos.master.computer.Revisions;
import org.slapos.master.db.Database;
import org.slapos.protocol.ComputerId;

/// The whole promise to each Computer, rendered once for each revision and kept as bytes: showing an unchanged one
/// touches no database. Any thread may call.
///
/// A kept document is shown as long as no later revision was announced ([Revisions]); when announcements may have been
/// missed, its revision is compared with the database first.
public final class ComputerDocuments {
    private final Database database;
    private final Revisions revisions;
    private final DescribeComputer describe = new DescribeComputer();
    private final Map<ComputerId, Slot> slots = new ConcurrentHashMap<>();

    public ComputerDocuments(Database database, Revisions revisions) {
        this.database = database;
        this.revisions = revisions;
    }

    /// A rendered document.
    ///
    /// @param owner    reference of the person the Computer belongs to
    /// @param etag     names the content, the same from every Master
    /// @param bytes    not to be changed
    /// @param revision of the Computer that it shows, known to be current in that `epoch` of [Revisions]
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Document(String owner, String etag, byte[] bytes, long revision, long epoch) {
        private Document checkedIn(long nextEpoch) {
            return new Document(owner, etag, bytes, revision, nextEpoch);
        }
    }

    /// One render at a time for each Computer.
    private static final class Slot {
        private final ReentrantLock rendering = new ReentrantLock();
        private volatile @Nullable Document kept;
    }

    /// The current document, or nothing when there is no such Computer.
    public Optional<Document> of(ComputerId computer) {
        var slot = slots.computeIfAbsent(computer, _ -> new Slot());
        var kept = slot.kept;
        if (kept != null && isCurrent(kept, computer)) {
            return Optional.of(kept);
        }
        slot.rendering.lock();
        try {
            var found = current(computer, slot.kept);
            if (found.isEmpty()) {
                slots.remove(computer, slot);
            }
            slot.kept = found.orElse(null);
            return found;
        } finally {
            slot.rendering.unlock();
        }
    }

    /// The current document as soon as it is another than that one; that one again when it has not changed after so
    /// long. Nothing when there is no such Computer any more.
    public Optional<Document> after(ComputerId computer, Document shown, Duration most) {
        long end = System.nanoTime() + most.toNanos();
        var current = Optional.of(shown);
        try {
            while (current.isPresent()
                    && current.get().etag().equals(shown.etag())
                    && revisions.hears()
                    && revisions.await(
                            computer,
                            current.get().revision(),
                            current.get().epoch(),
                            Duration.ofNanos(end - System.nanoTime()))) {
                current = of(computer);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return current;
    }

    private boolean isCurrent(Document kept, ComputerId computer) {
        return revisions.hears() && kept.epoch == revisions.epoch() && kept.revision >= revisions.announced(computer);
    }

    private Optional<Document> current(ComputerId computer, @Nullable Document kept) {
        if (kept != null && isCurrent(kept, computer)) {
            return Optional.of(kept);
        }
        // Read before the database: what is announced from here on makes the result stale, never the other way round.
        long epoch = revisions.epoch();
        return database.inTransaction(tx -> {
            tx.handle().execute("set transaction isolation level repeatable read");
            var found = describe.find(tx, computer);
            if (found.isEmpty()) {
                return Optional.empty();
            }
            if (kept != null && kept.revision == found.get().revision()) {
                return Optional.of(kept.checkedIn(epoch));
            }
            var bytes = describe.describe(tx, found.get()).write();
            return Optional.of(new Document(
                    found.get().owner(), etag(bytes), bytes, found.get().revision(), epoch));
        });
    }

    private static String etag(byte[] bytes) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return '"' + HexFormat.of().formatHex(digest, 0, 16) + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
