/// The node's work put together: the daemon that follows the Master (`slapos node agent`) and the same work done once
/// by a command (`slapos node software|instance|report|promise`).
///
/// Always true: services outlive the agent; a Master that is away is said once and tried again; what fails is tried
/// again with growing pauses while everything else goes on.
@NullMarked
package org.slapos.node.agent;

import org.jspecify.annotations.NullMarked;
