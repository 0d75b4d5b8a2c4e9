package org.slapos.master.computer;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slapos.protocol.MalformedException;

/// What can be said of a Computer, and asked of it: places in a tree such as `europe/west/france`, and amounts.
public enum Characteristic {
    REGION("region"),
    GROUP("group"),
    MODEL("model"),
    CPU_TYPE("cpu_type"),
    MEMORY_TYPE("memory_type"),
    STORAGE_INTERFACE("storage_interface"),
    STORAGE_REDUNDANCY("storage_redundancy"),
    LOCAL_AREA_NETWORK_TYPE("local_area_network_type"),
    WIDE_AREA_NETWORK_TYPE("wide_area_network_type"),
    // Sizes as labels, which the field has always had: 128 is another label than 64.
    CPU_CORE("cpu_core"),
    CPU_FREQUENCY("cpu_frequency"),
    MEMORY_SIZE("memory_size"),
    STORAGE_CAPACITY("storage_capacity"),
    // Sizes as amounts, which can be compared.
    CORES("cores", Quantity.Unit.COUNT),
    FREQUENCY("frequency", Quantity.Unit.HERTZ),
    MEMORY("memory", Quantity.Unit.BYTES),
    DISK("disk", Quantity.Unit.BYTES),
    BANDWIDTH("bandwidth", Quantity.Unit.BITS_PER_SECOND);

    private static final int MAX_LABEL = 200;
    private static final Pattern LABEL = Pattern.compile("[^/\\p{Cntrl}]+(/[^/\\p{Cntrl}]+)*");
    private static final Map<String, Characteristic> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Characteristic::wire, Function.identity()));

    private final String wire;
    private final Quantity.@Nullable Unit unit;

    Characteristic(String wire) {
        this(wire, null);
    }

    Characteristic(String wire, Quantity.@Nullable Unit unit) {
        this.wire = wire;
        this.unit = unit;
    }

    /// Its name in conditions and settings.
    public String wire() {
        return wire;
    }

    /// Nothing for a place in a tree.
    public Optional<Quantity.Unit> unit() {
        return Optional.ofNullable(unit);
    }

    public static Optional<Characteristic> ofWire(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /// The amount whose label that is, such as [#MEMORY] of [#MEMORY_SIZE]; nothing for others.
    public Optional<Characteristic> asAmount() {
        return switch (this) {
            case CPU_CORE -> Optional.of(CORES);
            case CPU_FREQUENCY -> Optional.of(FREQUENCY);
            case MEMORY_SIZE -> Optional.of(MEMORY);
            case STORAGE_CAPACITY -> Optional.of(DISK);
            default -> Optional.empty();
        };
    }

    /// Reads a value of it.
    ///
    /// @throws MalformedException when it is none
    public Trait read(String text) {
        if (unit != null) {
            return new Trait.Amount(Quantity.parse(text, unit));
        }
        if (text.length() > MAX_LABEL || !LABEL.matcher(text).matches()) {
            throw new MalformedException(
                    "'" + text + "' is no path such as europe/west/france of at most " + MAX_LABEL + " characters");
        }
        return new Trait.Label(text);
    }
}
