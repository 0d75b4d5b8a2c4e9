package org.slapos.node.verbs;

/// The verb needs root.
public final class NotRootException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NotRootException() {
        super("this needs root: run it as root, or set root_check = false in slapos.cfg for single-user mode");
    }
}
