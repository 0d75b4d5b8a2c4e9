package org.slapos.master.access;

/// Who may call a method, seen from the Computer or partition it is about.
public enum Caller {
    /// The Computer itself.
    COMPUTER("the Computer itself"),
    /// The person who owns the Computer.
    COMPUTER_OWNER("the owner of the Computer"),
    /// The instance in the partition; where no partition is named, one on the Computer.
    TENANT("the instance there"),
    /// The instance in which the shared one lives.
    HOST("the instance that hosts it"),
    /// Another instance of the same tree.
    TREE("an instance of the same tree"),
    /// The person who owns the tree of the instance in the partition.
    TREE_OWNER("the owner of the instance"),
    /// Any person.
    PERSON("a person"),
    /// Whoever shows a valid certificate; the use-case looks closer.
    ANYBODY("anybody with a certificate");

    private final String words;

    Caller(String words) {
        this.words = words;
    }

    @Override
    public String toString() {
        return words;
    }
}
