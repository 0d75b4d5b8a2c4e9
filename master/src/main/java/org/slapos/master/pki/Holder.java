package org.slapos.master.pki;

import java.time.Duration;

/// Whom a certificate stands for.
public record Holder(Kind kind, String reference) {
    /// Who can hold one. A SharedInstance cannot. Who makes a key can renew, too; old nodes and clients, for whom keys
    /// are made, cannot, and an instance's is renewed for it.
    public enum Kind {
        PERSON(Duration.ofDays(2 * 365), Duration.ofDays(10 * 365)),
        COMPUTER(Duration.ofDays(365), Duration.ofDays(10 * 365)),
        INSTANCE(Duration.ofDays(365), Duration.ofDays(365));

        private final Duration ofOwnKey;
        private final Duration ofMadeKey;

        Kind(Duration ofOwnKey, Duration ofMadeKey) {
            this.ofOwnKey = ofOwnKey;
            this.ofMadeKey = ofMadeKey;
        }

        /// How long a certificate works.
        ///
        /// @param isOwnKey whether the holder made the key
        Duration life(boolean isOwnKey) {
            return isOwnKey ? ofOwnKey : ofMadeKey;
        }
    }

    /// @throws IllegalArgumentException for a reference that could not stand in a subject's name
    public Holder {
        if (!reference.matches("[A-Za-z0-9._-]{1,200}")) {
            throw new IllegalArgumentException(
                    "a certificate's holder is named by letters, digits, dots and dashes: '" + reference + "'");
        }
    }

    public static Holder person(String reference) {
        return new Holder(Kind.PERSON, reference);
    }

    public static Holder computer(String reference) {
        return new Holder(Kind.COMPUTER, reference);
    }

    public static Holder instance(String reference) {
        return new Holder(Kind.INSTANCE, reference);
    }

    @Override
    public String toString() {
        return kind + " " + reference;
    }
}
