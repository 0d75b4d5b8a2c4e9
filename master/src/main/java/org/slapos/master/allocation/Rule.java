package org.slapos.master.allocation;

/// What a Computer may fail on, in the order in which one is named when it fails on several; or nothing.
public enum Rule {
    FITS("fits", "fit"),
    PROJECT("is in another project", "are in another project"),
    COMPUTER("is not the one that computer_guid names", "are not the one that computer_guid names"),
    SOFTWARE("does not have the SoftwareRelease", "do not have the SoftwareRelease"),
    SCOPE("is closed", "are closed"),
    SUPPLY("does not offer it for this type or person", "do not offer it for this type or person"),
    NETWORK("is in another network", "are in another network"),
    SUPPLIER("is another supplier's", "are another supplier's"),
    HARDWARE("is not as demanded", "are not as demanded"),
    MODE("is ruled out by mode", "are ruled out by mode"),
    PRICE("costs too much", "cost too much"),
    SILENCE("is silent", "are silent"),
    LOAD("carries all it can", "carry all they can"),
    CAPABILITY("has no free partition with the capability", "have no free partition with the capability"),
    FULL("is full", "are full");

    private final String one;
    private final String many;

    Rule(String one, String many) {
        this.one = one;
        this.many = many;
    }

    /// `3 are full`.
    String counted(int count) {
        return count + " " + (count == 1 ? one : many);
    }
}
