package org.slapos.master.pki;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.generators.SCrypt;

/// The key under which private keys rest (AES-256-GCM), in a file of its own beside the data: a copy of the
/// database alone opens nothing. With a passphrase the file alone opens nothing either: the key in it is encrypted
/// (scrypt, 32 MiB and a tenth of a second for each guess). Losing the file is losing the authority: back it up
/// apart from the data.
public final class KeyFile {
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int SALT_BYTES = 16;
    private static final byte VERSION = 1;
    private static final String LOCKED = "scrypt-32768-8-1 ";
    private static final String PASSPHRASE = "the key file";
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private final Path file;
    private final SecretKeySpec key;
    private final SecureRandom random;

    private KeyFile(Path file, SecretKeySpec key, SecureRandom random) {
        this.file = file;
        this.key = key;
        this.random = random;
    }

    /// Writes a new key, readable by its owner only. Does nothing when there is a file already.
    ///
    /// @throws IOException with one sentence when the file cannot be written
    public static void createIfMissing(Path file, SecureRandom random) throws IOException {
        createIfMissing(file, Optional.empty(), random);
    }

    /// As above.
    ///
    /// @param passphrase without which the file is of no use
    public static void createIfMissing(Path file, Optional<String> passphrase, SecureRandom random) throws IOException {
        if (Files.exists(file)) {
            return;
        }
        var bytes = new byte[KEY_BYTES];
        random.nextBytes(bytes);
        var key = HexFormat.of().formatHex(bytes);
        write(file, passphrase.map(phrase -> locked(file, key, phrase, random)).orElse(key), random);
    }

    private static void write(Path file, String key, SecureRandom random) throws IOException {
        var fresh = file.resolveSibling("." + file.getFileName() + "-" + random.nextLong(Long.MAX_VALUE));
        try {
            try (var channel = FileChannel.open(
                    fresh,
                    EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
                var text = key + "\n";
                channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
                channel.force(true);
            }
            Files.createLink(file, fresh); // whole or not at all, and never over another one
        } catch (FileAlreadyExistsException _) {
            // made by another Master in this moment
        } catch (AccessDeniedException | NoSuchFileException e) {
            throw new IOException(
                    "Cannot write the key file " + file + ": make its folder writable for this user, or choose another"
                            + " place by --key-file.",
                    e);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /// @throws IOException with one sentence when the file is missing, readable by others, or not a key
    public static KeyFile read(Path file, SecureRandom random) throws IOException {
        return read(file, Optional.empty(), random);
    }

    /// As above.
    ///
    /// @throws IOException also when the passphrase is missing, wrong, or not needed
    public static KeyFile read(Path file, Optional<String> passphrase, SecureRandom random) throws IOException {
        if (Files.notExists(file)) {
            throw new IOException("The key file " + file + " is missing: bring it back from its backup, or name the"
                    + " right one by --key-file. Without it the private keys of this Master cannot be used.");
        }
        if (!OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
            throw new IOException("The key file " + file
                    + " can be read by others: chmod 600 it, and think of who may have read it.");
        }
        var kept = Files.readString(file).strip();
        boolean isLocked = kept.startsWith(LOCKED);
        if (isLocked != passphrase.isPresent()) {
            throw new IOException(
                    isLocked
                            ? "The key file " + file + " needs its passphrase: name the file that holds it by"
                                    + " --key-passphrase-file."
                            : "The key file " + file + " has no passphrase: leave out --key-passphrase-file.");
        }
        var text = isLocked ? unlocked(file, kept, passphrase.orElseThrow(), random) : kept;
        if (!text.matches("[0-9a-f]{64}")) {
            throw new IOException("The key file " + file + " does not hold 64 hexadecimal digits.");
        }
        return new KeyFile(file, new SecretKeySpec(HexFormat.of().parseHex(text), "AES"), random);
    }

    private static String locked(Path file, String key, String passphrase, SecureRandom random) {
        var salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        var sealed = new KeyFile(file, derived(passphrase, salt), random).seal(PASSPHRASE, key);
        return LOCKED + HexFormat.of().formatHex(salt) + " " + HexFormat.of().formatHex(sealed);
    }

    private static String unlocked(Path file, String kept, String passphrase, SecureRandom random) throws IOException {
        var words = kept.substring(LOCKED.length()).split(" ", -1);
        if (words.length != 2 || !words[0].matches("([0-9a-f]{2})+") || !words[1].matches("([0-9a-f]{2})+")) {
            throw new IOException("The key file " + file + " is damaged: bring it back from its backup.");
        }
        try {
            return new KeyFile(file, derived(passphrase, HexFormat.of().parseHex(words[0])), random)
                    .open(PASSPHRASE, HexFormat.of().parseHex(words[1]));
        } catch (IllegalStateException e) {
            throw new IOException("The passphrase does not open the key file " + file + ".", e);
        }
    }

    private static SecretKeySpec derived(String passphrase, byte[] salt) {
        return new SecretKeySpec(
                SCrypt.generate(passphrase.getBytes(StandardCharsets.UTF_8), salt, 1 << 15, 8, 1, KEY_BYTES), "AES");
    }

    /// Encrypts the secret so that it opens only for the same purpose.
    byte[] seal(String purpose, String secret) {
        var nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            var cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(purpose.getBytes(StandardCharsets.UTF_8));
            var sealed = cipher.doFinal(secret.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.allocate(1 + NONCE_BYTES + sealed.length)
                    .put(VERSION)
                    .put(nonce)
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot encrypt the key of " + purpose, e);
        }
    }

    /// @throws IllegalStateException when it was sealed under another key file or for another purpose
    String open(String purpose, byte[] sealed) {
        try {
            if (sealed.length < 1 + NONCE_BYTES || sealed[0] != VERSION) {
                throw new IllegalStateException("the stored key of " + purpose + " is not one that was sealed here");
            }
            var cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, sealed, 1, NONCE_BYTES));
            cipher.updateAAD(purpose.getBytes(StandardCharsets.UTF_8));
            var secret = cipher.doFinal(sealed, 1 + NONCE_BYTES, sealed.length - 1 - NONCE_BYTES);
            return new String(secret, StandardCharsets.UTF_8);
        } catch (AEADBadTagException e) {
            throw new IllegalStateException(
                    "The key file " + file + " does not open the key of " + purpose
                            + ": it belongs to another Master. Name the right one by --key-file.",
                    e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot decrypt the key of " + purpose, e);
        }
    }

    @Override
    public String toString() {
        return "KeyFile[" + file + ", key=*****]";
    }
}
