/// Keeping the services of partitions running, by a real supervisord: its configuration, its socket, its groups.
///
/// Always true here: services live on when the node's agent ends; a call about one partition touches the group of that
/// partition alone; no name that a tenant chose reaches a configuration file unchecked.
@NullMarked
package org.slapos.node.supervisor;

import org.jspecify.annotations.NullMarked;
