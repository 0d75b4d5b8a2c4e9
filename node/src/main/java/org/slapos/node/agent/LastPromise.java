package org.slapos.node.agent;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.slapos.node.host.Host;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.MalformedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The Master's last promise, kept in `<instance root>/var/promise.xml` behind a line with its SHA-256, for when
/// the node starts and the Master is away. What does not match its checksum counts as not there. Readable by root
/// alone: it holds everybody's parameters.
final class LastPromise {
    private static final Logger LOG = LoggerFactory.getLogger(LastPromise.class);
    private static final String NAME = "promise.xml";
    private static final int MAX_BYTES = 256 << 20;

    private final Host host;
    private final Path folder;

    LastPromise(Host host, Path instanceRoot) {
        this.host = host;
        this.folder = instanceRoot.resolve("var");
    }

    void keep(ComputerInformation promised) {
        var document = promised.write();
        var file = new ByteArrayOutputStream();
        file.writeBytes((hash(document) + "\n").getBytes(StandardCharsets.US_ASCII));
        file.writeBytes(document);
        host.writeFile(folder.resolve(NAME), file.toByteArray(), 0600);
    }

    /// Empty when there is none, none that is whole, or it is another Computer's.
    Optional<ComputerInformation> recall(ComputerId computer) {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        var file = host.readTenantFile(folder, NAME, MAX_BYTES);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        int end = indexOfNewline(file.get());
        var document = Arrays.copyOfRange(file.get(), end + 1, file.get().length);
        var mark = new String(file.get(), 0, Math.max(0, end), StandardCharsets.US_ASCII);
        if (!mark.equals(hash(document))) {
            LOG.warn("{} is damaged and not used", folder.resolve(NAME));
            return Optional.empty();
        }
        try {
            return Optional.of(ComputerInformation.read(document))
                    .filter(promised -> promised.computer().equals(computer));
        } catch (MalformedException e) {
            LOG.warn("{} cannot be read and is not used: {}", folder.resolve(NAME), e.getMessage());
            return Optional.empty();
        }
    }

    private static int indexOfNewline(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private static String hash(byte[] document) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(document));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
