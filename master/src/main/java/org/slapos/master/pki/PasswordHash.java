package org.slapos.master.pki;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/// Hashes of passwords by Argon2id (RFC 9106), written as `$argon2id$v=19$m=...,t=...,p=...$salt$hash`. A few at a
/// time, so that guessing takes neither all memory nor all processors.
public final class PasswordHash {
    private static final int MEMORY_KIB = 19 * 1024;
    private static final int PASSES = 2;
    private static final int LANES = 1;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;
    private static final Pattern FORM =
            Pattern.compile("\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=(\\d{1,2})\\$([^$]+)\\$([^$]+)");

    private final SecureRandom random;
    private final Semaphore places = new Semaphore(4, true);
    private final String nobodys;

    public PasswordHash(SecureRandom random) {
        this.random = random;
        this.nobodys = text(randomBytes(SALT_BYTES), randomBytes(HASH_BYTES)); // what no password is known to give
    }

    public String hash(String password) {
        var salt = randomBytes(SALT_BYTES);
        return text(salt, compute(password, salt, MEMORY_KIB, PASSES, LANES, HASH_BYTES));
    }

    private static String text(byte[] salt, byte[] hash) {
        var text = Base64.getEncoder().withoutPadding();
        return "$argon2id$v=19$m=" + MEMORY_KIB + ",t=" + PASSES + ",p=" + LANES + "$" + text.encodeToString(salt) + "$"
                + text.encodeToString(hash);
    }

    /// Whether that is the password of which this is the hash.
    ///
    /// @throws IllegalArgumentException when it is no such hash
    public boolean matches(String password, String hash) {
        var parts = FORM.matcher(hash);
        if (!parts.matches()) {
            throw new IllegalArgumentException("this is no hash of a password");
        }
        var expected = Base64.getDecoder().decode(parts.group(5));
        var found = compute(
                password,
                Base64.getDecoder().decode(parts.group(4)),
                Integer.parseInt(parts.group(1)),
                Integer.parseInt(parts.group(2)),
                Integer.parseInt(parts.group(3)),
                expected.length);
        return MessageDigest.isEqual(expected, found);
    }

    /// The same work for a login that nobody has: false, as late as it would be of one that somebody has.
    public boolean matchesNobody(String password) {
        return matches(password, nobodys) && nobodys.isEmpty();
    }

    private byte[] compute(String password, byte[] salt, int memory, int passes, int lanes, int length) {
        places.acquireUninterruptibly();
        try {
            var argon = new Argon2BytesGenerator();
            argon.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                    .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                    .withMemoryAsKB(memory)
                    .withIterations(passes)
                    .withParallelism(lanes)
                    .withSalt(salt)
                    .build());
            var hash = new byte[length];
            argon.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
            return hash;
        } finally {
            places.release();
        }
    }

    private byte[] randomBytes(int length) {
        var bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
