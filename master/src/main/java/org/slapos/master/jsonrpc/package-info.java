/// The JSON door: methods named `slapos.<verb>.<version>.<object>`, one object in, one object out.
///
/// Three of them are extensions of ours: `slapos.post.v0.compute_node_token`, `slapos.get.v0.software_installation` and
/// `slapos.allDocs.v0.movement_list`; and items of `slapos.allDocs.WIP.compute_node_list` say more than the protocol's.
@NullMarked
package org.slapos.master.jsonrpc;

import org.jspecify.annotations.NullMarked;
