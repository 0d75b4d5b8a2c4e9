package org.slapos.master.party;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/// A word that works once, for one purpose, until it expires. Who holds the text may use it; it is stored hashed.
public record Token(String text, Scope scope, Instant expires) {
    private static final int RANDOM_BYTES = 32;

    /// What a token is good for, and how long unless somebody says otherwise.
    public enum Scope {
        PERSON_CERTIFICATE("getting a person's certificate", Duration.ofDays(1)),
        COMPUTER_REGISTRATION("registering a Computer", Duration.ofDays(1)),
        INVITATION("joining a project", Duration.ofDays(7)),
        SIGN_IN("signing in", Duration.ofMinutes(15)),
        EMAIL_VERIFICATION("verifying an e-mail address", Duration.ofDays(2)),
        PASSWORD_RECOVERY("choosing a new password", Duration.ofHours(1)),
        /// The only one that works as often as one likes.
        FEED("reading a feed", Duration.ofDays(365));

        private final String purpose;
        private final Duration life;

        Scope(String purpose, Duration life) {
            this.purpose = purpose;
            this.life = life;
        }

        String purpose() {
            return purpose;
        }

        Duration life() {
            return life;
        }

        /// The word on the wire.
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// What else a token is limited to.
    ///
    /// @param project  of a registration, an invitation
    /// @param function of an invitation
    /// @param path     of a feed: below the Master's root, with its query
    public record Bound(Optional<String> project, Optional<Function> function, Optional<String> path) {
        public static final Bound NOTHING = new Bound(Optional.empty(), Optional.empty(), Optional.empty());

        static Bound to(String project) {
            return new Bound(Optional.of(project), Optional.empty(), Optional.empty());
        }
    }

    static Token make(Scope scope, Instant now, SecureRandom random) {
        return make(scope, scope.life(), now, random);
    }

    static Token make(Scope scope, Duration life, Instant now, SecureRandom random) {
        return new Token(randomText(random), scope, now.plus(life));
    }

    /// As random as a key. It is typed behind commands, which take what begins with a dash for an option.
    static String randomText(SecureRandom random) {
        var bytes = new byte[RANDOM_BYTES];
        String text;
        do {
            random.nextBytes(bytes);
            text = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        } while (text.startsWith("-"));
        return text;
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
