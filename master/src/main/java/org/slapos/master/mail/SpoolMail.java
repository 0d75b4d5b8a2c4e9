package org.slapos.master.mail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.UUID;

/// Writes each mail into a file of its own, which only the Master's user reads: an administrator hands it on, or
/// another program sends it.
public final class SpoolMail implements Mail {
    private final Path folder;

    /// @param folder made with the first mail
    public SpoolMail(Path folder) {
        this.folder = folder;
    }

    @Override
    public void send(Message message) throws IOException {
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        var name = message.recipient().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9@.-]", "_") + "-"
                + UUID.randomUUID() + ".eml";
        var fresh = Files.createTempFile(
                folder,
                ".mail",
                "",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Files.writeString(
                    fresh,
                    "To: " + message.recipient() + "\nSubject: " + message.subject()
                            + "\nContent-Type: text/plain; charset=utf-8\n\n" + message.text() + "\n",
                    StandardCharsets.UTF_8);
            Files.move(fresh, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }
}
