package org.slapos.master.allocation;

import java.util.Comparator;
import org.slapos.protocol.ComputerId;

/// One change that alone would make a Computer fit.
///
/// @param cost within its way: the raise in millionths of the currency, the distance in a tree or of an amount
/// @param text what to change: `+1.00 EUR/month`, `memory 4GB→3GB`
public record Remedy(Way way, double cost, String text, ComputerId computer) {
    /// The cheapest first: by way, then by cost, then the oldest Computer.
    static final Comparator<Remedy> CHEAPEST = Comparator.comparing(Remedy::way)
            .thenComparingDouble(Remedy::cost)
            .thenComparingInt(remedy -> remedy.computer().text().length())
            .thenComparing(remedy -> remedy.computer().text());

    /// Whose change it is, those of the requester first.
    public enum Way {
        PAY_MORE,
        WANT_LESS,
        GO_ELSEWHERE,
        ADD_PARTITION,
        SUPPLY,
        OPEN,
        COME_BACK
    }
}
