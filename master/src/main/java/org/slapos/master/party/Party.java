package org.slapos.master.party;

import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// A person, organisation, project or network.
///
/// @param details what its kind has beside a title; only what is known
public record Party(
        String reference, Kind kind, String title, PartyState state, Instant created, Map<Detail, String> details) {
    public Party {
        details = Map.copyOf(details);
    }

    /// What it is. The word on the wire is in lower case.
    public enum Kind {
        PERSON,
        ORGANISATION,
        PROJECT,
        NETWORK;

        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Optional<Kind> ofWire(String word) {
            for (var kind : values()) {
                if (kind.wire().equals(word)) {
                    return Optional.of(kind);
                }
            }
            return Optional.empty();
        }
    }

    /// What a party may have beside its title, by the kind that has it.
    public enum Detail {
        FIRST_NAME(Kind.PERSON),
        LAST_NAME(Kind.PERSON),
        EMAIL(Kind.PERSON),
        /// An address that the person has given and not verified yet.
        NEW_EMAIL(Kind.PERSON),
        /// Reference of an organisation.
        EMPLOYER(Kind.PERSON),
        /// Reference of the organisation that pays for what the person orders.
        PAYER(Kind.PERSON),
        VAT_CODE(Kind.ORGANISATION),
        REGION(Kind.ORGANISATION),
        ADDRESS(Kind.ORGANISATION),
        /// Reference of a person.
        OWNER(Kind.PROJECT),
        /// Reference of the project.
        PROJECT(Kind.NETWORK);

        private final Kind kind;

        Detail(Kind kind) {
            this.kind = kind;
        }

        public Kind kind() {
            return kind;
        }

        /// The word on the wire, and the name of the column.
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Optional<Detail> ofWire(String word) {
            for (var detail : values()) {
                if (detail.wire().equals(word)) {
                    return Optional.of(detail);
                }
            }
            return Optional.empty();
        }
    }

    /// What is said of that; empty when nothing is.
    public String detail(Detail detail) {
        return details.getOrDefault(detail, "");
    }
}
