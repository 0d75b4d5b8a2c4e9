package org.slapos.master.allocation;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.regex.Pattern;
import org.slapos.protocol.MalformedException;

/// What an hour or a month costs, exactly: a whole number of units of the currency divided by ten to the scale.
///
/// @param currency three letters, ISO 4217
/// @param scale    0 to 6
public record Price(long amount, int scale, String currency, Period period) {
    /// Hours of a month, wherever one is made of the other: 365 days of 24 hours by 12.
    private static final BigDecimal HOURS_OF_A_MONTH = BigDecimal.valueOf(730);

    private static final Pattern TEXT =
            Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,6})?)\\s*([A-Za-z]{3})(?:\\s*/\\s*([A-Za-z]+))?");

    /// For which time it is.
    public enum Period {
        HOUR,
        MONTH;

        String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Price {
        if (amount < 0 || scale < 0 || scale > 6 || !currency.matches("[A-Z]{3}")) {
            throw new IllegalArgumentException("no price: " + amount + " at scale " + scale + " in " + currency);
        }
    }

    /// Reads `6 EUR/month`, `0.0125EUR/hour` or, for a month, `6EUR`.
    ///
    /// @throws MalformedException when it is none
    public static Price parse(String text) {
        var matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw new MalformedException(
                    "'" + text + "' is no price such as 6EUR/month or 0.0125EUR/hour, of less than "
                            + "a thousand million and at most six decimals");
        }
        var period = matcher.group(3) == null ? "month" : matcher.group(3).toLowerCase(Locale.ROOT);
        if (!period.equals("month") && !period.equals("hour")) {
            throw new MalformedException("'" + text + "' is a price per " + period + ": give it per month or per hour");
        }
        var number = new BigDecimal(matcher.group(1));
        return new Price(
                number.unscaledValue().longValueExact(),
                number.scale(),
                matcher.group(2).toUpperCase(Locale.ROOT),
                period.equals("month") ? Period.MONTH : Period.HOUR);
    }

    /// For a month, at scale 6: what prices are compared by.
    public Monthly monthly() {
        var hours = period == Period.HOUR ? HOURS_OF_A_MONTH : BigDecimal.ONE;
        var micro = number().multiply(hours).setScale(Monthly.SCALE, RoundingMode.UNNECESSARY);
        return new Monthly(micro.unscaledValue().longValueExact(), currency);
    }

    private BigDecimal number() {
        return BigDecimal.valueOf(amount, scale);
    }

    @Override
    public String toString() {
        return number().toPlainString() + " " + currency + "/" + period.wire();
    }

    /// A price for a month.
    ///
    /// @param micro millionths of the currency's unit
    public record Monthly(long micro, String currency) {
        static final int SCALE = 6;

        /// What costs nothing costs nothing in any currency.
        static final Monthly FREE = new Monthly(0, "");

        boolean isFree() {
            return micro == 0;
        }

        /// Whether it costs less; what is in another currency does not, since no rate is known.
        boolean isCheaper(Monthly other) {
            return micro < other.micro && (isFree() || currency.equals(other.currency));
        }

        /// Whether it is at most that; of different currencies only what is free is.
        boolean isWithin(Monthly ceiling) {
            return isFree() || (currency.equals(ceiling.currency) && micro <= ceiling.micro);
        }

        /// With at least two decimals and as many as it takes: `1.00 EUR/month`.
        @Override
        public String toString() {
            return isFree() ? "free of charge" : amountText() + " " + currency + "/month";
        }

        String amountText() {
            var number = BigDecimal.valueOf(micro, SCALE).stripTrailingZeros();
            return number.setScale(Math.max(2, number.scale()), RoundingMode.UNNECESSARY)
                    .toPlainString();
        }
    }
}
