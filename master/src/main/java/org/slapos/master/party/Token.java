package org.slapos.master.party;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;

/// A word that works once, for one purpose, until it expires. Who holds the text may use it; it is stored hashed.
public record Token(String text, Scope scope, Instant expires) {
    private static final int RANDOM_BYTES = 32;

    /// What a token is good for.
    public enum Scope {
        PERSON_CERTIFICATE("getting a person's certificate"),
        COMPUTER_REGISTRATION("registering a Computer");

        private final String purpose;

        Scope(String purpose) {
            this.purpose = purpose;
        }

        String purpose() {
            return purpose;
        }
    }

    static Token make(Scope scope, Instant expires, SecureRandom random) {
        var bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return new Token(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes), scope, expires);
    }

    /// How a token's text is stored. It is as random as a key, so one round is enough.
    static String hash(String text) {
        try {
            var digest =
                    MessageDigest.getInstance("SHA-256").digest(text.strip().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return "Token[" + scope + ", expires=" + expires + ", text=*****]";
    }
}
