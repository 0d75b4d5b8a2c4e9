package org.slapos.node.format;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.MarshalWriter;

/// `computer_xml`: what the last format made. Older versions go to a zip beside it.
final class ComputerFile {
    private static final DateTimeFormatter VERSION = DateTimeFormatter.ofPattern("yyyyMMdd-HH:mm");
    private static final int KEPT = 100;
    private static final int MAX_BYTES = 64 * 1024 * 1024;

    private final Path file;
    private final Host host;

    ComputerFile(Path file, Host host) {
        this.file = file;
        this.host = host;
    }

    /// @throws HostException when it is there and cannot be read: its addresses would be drawn again
    Optional<ComputerConfiguration> read() {
        try {
            return bytes(file).map(bytes -> ComputerConfiguration.of(MarshalReader.read(bytes)));
        } catch (IOException | MalformedException e) {
            throw new HostException(
                    "cannot read " + file + ", what the last format made: " + e.getMessage()
                            + "; put a good copy in its place (older ones are in " + archive()
                            + "), or remove it to have addresses drawn again",
                    e);
        }
    }

    /// Replaces it and keeps the version before; nothing happens when it holds that already.
    void write(ComputerConfiguration computer, Instant now) {
        var content = MarshalWriter.bytes(computer.toValue());
        try {
            var before = bytes(file);
            if (before.isPresent() && !Arrays.equals(before.get(), content)) {
                keep(before.get(), now);
            }
        } catch (IOException e) {
            throw new HostException("cannot keep the former version of " + file + " in " + archive() + ": " + e, e);
        }
        host.writeFile(file, content, 0644);
    }

    private Path archive() {
        return Path.of(file + ".zip");
    }

    private void keep(byte[] content, Instant now) throws IOException {
        var versions = versions();
        var name = file.getFileName() + "." + VERSION.format(now.atZone(ZoneId.systemDefault()));
        versions.remove(name);
        versions.put(name, content);
        while (versions.size() > KEPT) {
            versions.pollFirstEntry();
        }
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (var version : versions.entrySet()) {
                zip.putNextEntry(new ZipEntry(version.getKey()));
                zip.write(version.getValue());
                zip.closeEntry();
            }
        }
        host.writeFile(archive(), bytes.toByteArray(), 0644);
    }

    /// Those in the zip; one that cannot be read is moved aside.
    private SequencedMap<String, byte[]> versions() throws IOException {
        var found = new LinkedHashMap<String, byte[]>();
        var bytes = bytes(archive());
        if (bytes.isEmpty()) {
            return found;
        }
        try (var zip = new ZipInputStream(new java.io.ByteArrayInputStream(bytes.get()))) {
            for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                found.put(entry.getName(), zip.readNBytes(MAX_BYTES));
            }
        } catch (ZipException _) {
            found.clear();
        }
        if (found.isEmpty()) {
            host.writeFile(Path.of(archive() + ".unreadable"), bytes.get(), 0644);
        }
        return found;
    }

    private static Optional<byte[]> bytes(Path path) throws IOException {
        try {
            if (Files.size(path) > MAX_BYTES) {
                throw new IOException(path + " is longer than " + MAX_BYTES + " bytes");
            }
            return Optional.of(Files.readAllBytes(path));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }
}
