package org.slapos.master.access;

/// How a caller stands to what a call is about: a Computer, an instance, or the Master itself.
public enum Caller {
    // Whatever the call is about.
    ANYONE("anybody, without a certificate too"),
    TOKEN("whoever shows a one-time token that is good for it"),
    CERTIFIED("anybody with a valid certificate"),
    PERSON("a person"),
    ANY_COMPUTER("a Computer"),
    ANY_INSTANCE("an instance"),

    // About a Computer.
    COMPUTER("the Computer itself"),
    COMPUTER_OWNER("the owner of the Computer"),

    // About an instance.
    TENANT("the instance there"),
    PARENT("the instance that requests it"),
    HOST("the instance that hosts it"),
    TREE("an instance of the same tree"),
    TREE_OWNER("the owner of the tree"),

    // People, by the function that they hold in the project of the tree, else of the Computer. The manager of the
    // system holds all of them everywhere.
    CUSTOMER("a customer of the project"),
    AGENT("a production agent of the project"),
    MANAGER("a production manager of the project"),
    SALE("sale");

    private final String words;

    Caller(String words) {
        this.words = words;
    }

    @Override
    public String toString() {
        return words;
    }
}
