package org.slapos.master.computer;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.slapos.protocol.MalformedException;

/// So much of something, in the base unit of its kind: `64GB` is 64,000,000,000 bytes.
public record Quantity(long amount, Unit unit) implements Comparable<Quantity> {
    private static final Pattern TEXT = Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,9})?)\\s*([A-Za-z/]*)");

    /// What is measured, and the names of its multiples, from the largest.
    public enum Unit {
        COUNT(multiples("", 1)),
        BYTES(multiples(
                "PB", 1_000_000_000_000_000L,
                "PiB", 1L << 50,
                "TB", 1_000_000_000_000L,
                "TiB", 1L << 40,
                "GB", 1_000_000_000L,
                "GiB", 1L << 30,
                "MB", 1_000_000L,
                "MiB", 1L << 20,
                "kB", 1_000L,
                "KiB", 1L << 10,
                "B", 1L)),
        HERTZ(multiples("GHz", 1_000_000_000L, "MHz", 1_000_000L, "kHz", 1_000L, "Hz", 1L)),
        BITS_PER_SECOND(multiples("Tbit/s", 1_000_000_000_000L, "Gbit/s", 1_000_000_000L, "Mbit/s", 1_000_000L));

        @SuppressWarnings("ImmutableEnumChecker") // never changed
        private final Map<String, Long> multiples;

        Unit(Map<String, Long> multiples) {
            this.multiples = multiples;
        }
    }

    /// @throws MalformedException when it is no such amount; a unit must be named where there are several
    public static Quantity parse(String text, Unit unit) {
        var matcher = TEXT.matcher(text.strip());
        if (matcher.matches()) {
            for (var multiple : unit.multiples.entrySet()) {
                if (multiple.getKey().equalsIgnoreCase(matcher.group(2))) {
                    return whole(text, new BigDecimal(matcher.group(1)), multiple.getValue(), unit);
                }
            }
        }
        throw new MalformedException(
                unit == Unit.COUNT
                        ? "'" + text + "' is no whole number"
                        : "'" + text + "' is no amount with a unit, such as "
                                + new Quantity(
                                        64
                                                * unit.multiples.values().stream()
                                                        .toList()
                                                        .get(2),
                                        unit));
    }

    private static Quantity whole(String text, BigDecimal number, long multiple, Unit unit) {
        try {
            return new Quantity(number.multiply(BigDecimal.valueOf(multiple)).longValueExact(), unit);
        } catch (ArithmeticException e) {
            throw new MalformedException("'" + text + "' is too large, or a fraction of the smallest unit", e);
        }
    }

    @Override
    public int compareTo(Quantity other) {
        return Long.compare(amount, other.amount);
    }

    /// In the largest multiple that leaves a whole number, else with two decimals: `64GB`, `67.27GB`.
    @Override
    public String toString() {
        var fallback = "";
        for (var multiple : unit.multiples.entrySet()) {
            if (amount % multiple.getValue() == 0) {
                return !fallback.isEmpty() && amount / multiple.getValue() >= 10_000
                        ? fallback
                        : amount / multiple.getValue() + multiple.getKey();
            }
            if (fallback.isEmpty() && amount >= multiple.getValue()) {
                fallback =
                        String.format(Locale.ROOT, "%.2f%s", (double) amount / multiple.getValue(), multiple.getKey());
            }
        }
        return Long.toString(amount);
    }

    private static Map<String, Long> multiples(Object... namesAndValues) {
        var multiples = new LinkedHashMap<String, Long>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            multiples.put((String) namesAndValues[i], ((Number) namesAndValues[i + 1]).longValue());
        }
        return multiples;
    }
}
