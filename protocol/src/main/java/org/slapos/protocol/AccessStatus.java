package org.slapos.protocol;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Optional;
import org.slapos.protocol.marshal.Value;

/// What was last reported of a Computer, an instance or a SoftwareInstallation (SLAP protocol, access status).
///
/// @param text      begins with `#access `, `#error ` or `#building `
/// @param state     the reported state: `started`, `available`...; may be empty
/// @param user      the reference of whoever reported
/// @param createdAt of the last report, in whole seconds
/// @param since     of the first report of the same kind
/// @param portalType what it is of, such as `Compute Node`
/// @param silence   for how long nothing has come
public record AccessStatus(
        String text,
        String state,
        String user,
        Optional<Instant> createdAt,
        Optional<Instant> since,
        String reference,
        String portalType,
        Silence silence) {
    private static final DateTimeFormatter READ = DateTimeFormatter.RFC_1123_DATE_TIME;
    private static final DateTimeFormatter WRITTEN =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT);

    /// How long nothing was reported.
    public enum Silence {
        /// The last report is fresh.
        NONE,
        FIVE_MINUTES,
        FIFTEEN_MINUTES,
        /// Nothing was ever reported.
        ALWAYS
    }

    public boolean isAccess() {
        return text.startsWith("#access");
    }

    public boolean isError() {
        return text.startsWith("#error");
    }

    public boolean isBuilding() {
        return text.startsWith("#building");
    }

    public Value toValue() {
        var entries = new LinkedHashMap<String, Value>();
        entries.put("text", Value.of(text));
        entries.put("state", Value.of(state));
        entries.put("user", Value.of(user));
        entries.put("reference", Value.of(reference));
        entries.put("portal_type", Value.of(portalType));
        createdAt.ifPresent(time -> entries.put("created_at", Value.of(date(time))));
        since.ifPresent(time -> entries.put("since", Value.of(date(time))));
        if (silence == Silence.ALWAYS) {
            entries.put("no_data", Value.of(1));
        } else {
            entries.put("no_data_since_5_minutes", Value.of(silence == Silence.NONE ? 0 : 1));
            entries.put("no_data_since_15_minutes", Value.of(silence == Silence.FIFTEEN_MINUTES ? 1 : 0));
        }
        return new Value.Dictionary(entries);
    }

    /// @throws MalformedException when it is not such a document
    public static AccessStatus of(Value value) {
        var entries = value.asDictionary();
        return new AccessStatus(
                entries.requiredText("text"),
                entries.text("state").orElse(""),
                entries.text("user").orElse(""),
                entries.text("created_at").map(AccessStatus::instant),
                entries.text("since").map(AccessStatus::instant),
                entries.text("reference").orElse(""),
                entries.text("portal_type").orElse(""),
                silence(entries));
    }

    private static Silence silence(Value.Dictionary entries) {
        if (isSet(entries, "no_data")) {
            return Silence.ALWAYS;
        }
        if (isSet(entries, "no_data_since_15_minutes")) {
            return Silence.FIFTEEN_MINUTES;
        }
        return isSet(entries, "no_data_since_5_minutes") ? Silence.FIVE_MINUTES : Silence.NONE;
    }

    private static boolean isSet(Value.Dictionary entries, String name) {
        return entries.text(name)
                .filter(text -> !text.equals("0") && !text.equals("False"))
                .isPresent();
    }

    private static String date(Instant time) {
        return WRITTEN.format(time.truncatedTo(ChronoUnit.SECONDS).atOffset(ZoneOffset.UTC));
    }

    private static Instant instant(String date) {
        try {
            return ZonedDateTime.parse(date, READ).toInstant();
        } catch (DateTimeException e) {
            throw new MalformedException("not a date of the form 'Tue, 01 Apr 2031 08:00:00 GMT': '" + date + "'", e);
        }
    }
}
