/// The node: divides a machine into ComputerPartitions and brings each to what the Master promises.
///
/// `host` is the only door to the kernel; `supervisor` keeps services running; `format` makes the partitions;
/// `register` turns a one-time token into this node's identity; `verbs` are the commands of `slapos node`.
@NullMarked
package org.slapos.node;

import org.jspecify.annotations.NullMarked;
