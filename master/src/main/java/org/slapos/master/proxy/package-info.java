/// Proxy mode: a Master for one user, for development and tests. Loopback, plain HTTP, no certificates, one default
/// Computer, its state in memory or in one file; what it answers is what the Python slapproxy answers.
///
/// Its rules differ from the Master's in nearly every method, so it shares the server and the wire with it and no
/// trade (docs/adr/0006-proxy-mode.md). Always true: a change is whole or not at all, on disk before it is answered;
/// a partition holds at most one instance; a refused call changes nothing.
@NullMarked
package org.slapos.master.proxy;

import org.jspecify.annotations.NullMarked;
