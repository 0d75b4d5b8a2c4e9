package org.slapos.node.host;

import java.nio.file.Path;
import java.util.List;

/// A user of the machine.
///
/// @param name   its login; the number when the user database does not know the uid
/// @param groups every group it is in, the primary one too
public record UnixUser(String name, int uid, int gid, List<Integer> groups, Path home) {
    public UnixUser {
        groups = List.copyOf(groups);
    }

    /// Whether the user database knows it, or knew it when it was asked.
    public boolean isNamed() {
        return !name.equals(Integer.toString(uid));
    }
}
