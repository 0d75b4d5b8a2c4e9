/// The JSON methods as messages: each call is a record that knows its method and how its answer is read; each answer is
/// a record too. A Master reads calls strictly ([JsonMethod#read]), a client reads answers tolerantly
/// ([JsonCall#answer]).
///
/// It is not JSON-RPC 2.0: a call is `POST <base>/<method>` with one object, and one object comes back.
@NullMarked
package org.slapos.protocol.jsonrpc;

import org.jspecify.annotations.NullMarked;
