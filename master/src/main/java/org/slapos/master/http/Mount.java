package org.slapos.master.http;

/// Where a door stands: a prefix that ends in a slash (`/slap/`) and takes all below it, or one exact path
/// (`/Person_getCertificate`, `/`). The longest that fits wins.
public record Mount(String path, Door door) {
    public Mount {
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("a mount's path begins with a slash: '" + path + "'");
        }
    }

    boolean holds(String requested) {
        boolean isPrefix = path.endsWith("/") && path.length() > 1;
        return isPrefix ? requested.startsWith(path) : requested.equals(path);
    }
}
