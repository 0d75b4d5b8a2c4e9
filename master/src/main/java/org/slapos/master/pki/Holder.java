package org.slapos.master.pki;

/// Whom a certificate stands for.
public record Holder(Kind kind, String reference) {
    /// Who can hold one. A SharedInstance cannot.
    public enum Kind {
        PERSON,
        COMPUTER,
        INSTANCE
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
