package org.slapos.master.party;

/// A marketplace of its own: its Computers, supplies and customers meet nobody else's.
public final class Project {
    /// The one that is there from the start, where all is that names no other.
    public static final String DEFAULT = "PROJ-1";

    private Project() {}
}
