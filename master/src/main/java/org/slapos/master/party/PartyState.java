package org.slapos.master.party;

import java.util.Locale;

/// Whether a party is of use.
///
/// ```
/// DRAFT -> VALIDATED <-> SUSPENDED
///              |             |
///              +-> INVALIDATED (for good)
/// ```
public enum PartyState {
    /// A person who has not shown yet that their e-mail is theirs.
    DRAFT,
    VALIDATED,
    SUSPENDED,
    INVALIDATED;

    /// The word in tables and on the wire.
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static PartyState ofWire(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }

    /// Whether a party may go from this to that state; to where it is already, it may.
    boolean leadsTo(PartyState next) {
        return this == next
                || switch (this) {
                    case DRAFT, SUSPENDED -> next == VALIDATED || next == INVALIDATED;
                    case VALIDATED -> next == SUSPENDED || next == INVALIDATED;
                    case INVALIDATED -> false;
                };
    }

    @Override
    public String toString() {
        return wire();
    }
}
