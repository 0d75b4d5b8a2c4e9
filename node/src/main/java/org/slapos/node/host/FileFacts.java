package org.slapos.node.host;

/// What a directory entry is, without following a link.
///
/// @param mode the permission bits, as in `0750`, with set-id and sticky bits
public record FileFacts(Kind kind, int uid, int gid, int mode) {
    public enum Kind {
        DIRECTORY,
        FILE,
        LINK,
        OTHER
    }

    public boolean isDirectory() {
        return kind == Kind.DIRECTORY;
    }
}
