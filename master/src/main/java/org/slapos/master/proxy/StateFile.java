package org.slapos.master.proxy;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.slapos.protocol.SoftwareState;

/// The file that `database_uri` names: all tables as one JSON document, replaced as a whole by write-and-rename, so
/// that a reader never sees half of one. Beside it, `<file>.lock` is held while a proxy uses it.
final class StateFile implements AutoCloseable {
    private static final int VERSION = 1;
    private static final long MAX_BYTES = 512L * 1024 * 1024;
    private static final byte[] SQLITE = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(MapperFeature.AUTO_DETECT_IS_GETTERS) // a record's components, and nothing it tells beside
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private final Path file;
    private final FileChannel lockFile;

    /// What stands in the file.
    record Document(
            String kind,
            int version,
            String softwareRoot,
            List<Tables.Computer> computers,
            List<Software> software,
            List<Partition> partitions,
            List<SharedInstance> sharedInstances,
            List<Tables.Forwarded> forwarded) {
        static final String KIND = "SlapOS proxy state";

        record Software(String computer, String url, SoftwareState state) {}

        static Document of(Tables tables) {
            return new Document(
                    KIND,
                    VERSION,
                    tables.softwareRoot,
                    List.copyOf(tables.computers.values()),
                    tables.software.entrySet().stream()
                            .map(e -> new Software(
                                    e.getKey().computer(), e.getKey().url(), e.getValue()))
                            .toList(),
                    List.copyOf(tables.partitions.values()),
                    List.copyOf(tables.sharedInstances.values()),
                    List.copyOf(tables.forwarded));
        }

        Tables tables() {
            var tables = new Tables();
            tables.softwareRoot = softwareRoot;
            computers.forEach(computer -> tables.computers.put(computer.reference(), computer));
            software.forEach(
                    one -> tables.software.put(new Tables.SoftwareKey(one.computer(), one.url()), one.state()));
            partitions.forEach(tables::save);
            sharedInstances.forEach(tables::save);
            tables.forwarded.addAll(forwarded);
            return tables;
        }
    }

    private StateFile(Path file, FileChannel lockFile) {
        this.file = file;
        this.lockFile = lockFile;
    }

    /// Takes the file for this process.
    ///
    /// @throws IOException in one sentence, when another proxy has it or its folder cannot be written
    static StateFile open(Path file) throws IOException {
        var absolute = file.toAbsolutePath().normalize();
        var folder = absolute.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new IOException("there is no folder " + folder + " for the state file " + absolute);
        }
        var channel = FileChannel.open(
                absolute.resolveSibling(absolute.getFileName() + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        if (!isLocked(channel)) {
            channel.close();
            throw new IOException("another proxy is using the state file " + absolute
                    + ": stop it, or name another file with --database-uri");
        }
        return new StateFile(absolute, channel);
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException _) { // another proxy of this very process
            return false;
        }
    }

    /// The tables in the file; empty ones when there is no file yet.
    ///
    /// @throws IOException in one sentence, when it is not such a file; it stays as it is
    Tables load() throws IOException {
        return load(file);
    }

    /// As [#load], without taking the file: also while a proxy runs.
    static Tables load(Path file) throws IOException {
        if (!Files.exists(file)) {
            return new Tables();
        }
        if (Files.isDirectory(file) || Files.size(file) > MAX_BYTES) {
            throw notOurs(file, "it is a folder, or longer than " + MAX_BYTES + " bytes");
        }
        var bytes = Files.readAllBytes(file);
        if (bytes.length == 0) { // as mktemp leaves it
            return new Tables();
        }
        if (startsWith(bytes, SQLITE)) {
            throw notOurs(file, "it is an SQLite database of the Python slapproxy");
        }
        try {
            var document = JSON.readValue(bytes, Document.class);
            if (document.version() != VERSION || !Document.KIND.equals(document.kind())) {
                throw notOurs(file, "it is '" + document.kind() + "' of version " + document.version());
            }
            return document.tables();
        } catch (JacksonException e) {
            throw notOurs(file, "it cannot be read: " + e.getOriginalMessage());
        } catch (NullPointerException _) { // a table is missing
            throw notOurs(file, "it is not complete");
        }
    }

    private static IOException notOurs(Path file, String why) {
        return new IOException("the state file " + file + " is not one of this proxy: " + why
                + ". It is left as it is: move it away, or name another file with --database-uri");
    }

    private static boolean startsWith(byte[] bytes, byte[] beginning) {
        return bytes.length >= beginning.length
                && Arrays.equals(bytes, 0, beginning.length, beginning, 0, beginning.length);
    }

    /// Replaces the file: on disk when this returns.
    void save(Tables tables) throws IOException {
        var next = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(next);
        try (var channel = FileChannel.open(
                next,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            var bytes = ByteBuffer.wrap(JSON.writeValueAsBytes(Document.of(tables)));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(false);
        } catch (IOException e) {
            Files.deleteIfExists(next);
            throw new IOException("the state file " + file + " cannot be written: " + e.getMessage(), e);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() throws IOException {
        lockFile.close(); // and with it the lock
    }
}
