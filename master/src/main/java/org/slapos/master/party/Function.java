package org.slapos.master.party;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/// What somebody may act as: in one project, or in the whole site.
public enum Function {
    /// Requests instances in the project.
    CUSTOMER("customer", true),
    /// Runs the project: its Computers, supplies, members.
    PRODUCTION_MANAGER("production/manager", true),
    /// Operates the project's Computers and instances.
    PRODUCTION_AGENT("production/agent", true),
    SALE_MANAGER("sale/manager", false),
    SALE_AGENT("sale/agent", false),
    ACCOUNTING_MANAGER("accounting/manager", false),
    ACCOUNTING_AGENT("accounting/agent", false),
    MARKETING("marketing", false),
    /// Looks after the machines of the site itself.
    IS("is", false),
    /// May do all that any function may, in every project.
    SYSTEM_MANAGER("system/manager", false);

    private final String wire;
    private final boolean ofProject;

    Function(String wire, boolean ofProject) {
        this.wire = wire;
        this.ofProject = ofProject;
    }

    /// The word in tables and on the wire.
    public String wire() {
        return wire;
    }

    /// Whether it is held in one project.
    public boolean isOfProject() {
        return ofProject;
    }

    public static Optional<Function> ofWire(String word) {
        return Arrays.stream(values())
                .filter(function -> function.wire.equals(word))
                .findFirst();
    }

    /// All words, for messages.
    public static String words() {
        return Arrays.stream(values()).map(Function::wire).collect(Collectors.joining(", "));
    }

    @Override
    public String toString() {
        return wire;
    }
}
