package org.slapos.protocol.marshal;

import java.math.BigDecimal;
import org.slapos.protocol.MalformedException;

/// Floating point numbers as Python writes them: `1.5`, `1e-07`, `inf`, `nan`.
final class PythonFloat {
    /// Longer than any repr(), and short enough for a pattern that tries each way to split the digits.
    private static final int MAX_LENGTH = 1000;

    private PythonFloat() {}

    static String repr(double number) {
        if (Double.isNaN(number)) {
            return "nan";
        }
        if (Double.isInfinite(number)) {
            return number > 0 ? "inf" : "-inf";
        }
        if (number == 0) {
            return 1 / number < 0 ? "-0.0" : "0.0";
        }
        // Double.toString gives the shortest digits that read back the same, as repr() does; only the layout differs.
        var digits = new BigDecimal(Double.toString(number)).stripTrailingZeros();
        int exponent = digits.precision() - digits.scale() - 1;
        if (exponent >= -4 && exponent < 16) {
            var plain = digits.toPlainString();
            return plain.contains(".") ? plain : plain + ".0";
        }
        var unscaled = digits.unscaledValue().abs().toString();
        var mantissa = unscaled.length() == 1 ? unscaled : unscaled.charAt(0) + "." + unscaled.substring(1);
        var sign = number < 0 ? "-" : "";
        var power = String.valueOf(Math.abs(exponent));
        return sign + mantissa + "e" + (exponent < 0 ? "-" : "+") + (power.length() < 2 ? "0" + power : power);
    }

    static double parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new MalformedException("a number has at most " + MAX_LENGTH + " characters, not " + text.length());
        }
        return switch (text) {
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            case "nan" -> Double.NaN;
            default -> {
                if (!text.matches("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?")) {
                    throw new MalformedException("not a number: '" + text + "'");
                }
                yield Double.parseDouble(text);
            }
        };
    }
}
