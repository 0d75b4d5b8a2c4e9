/// Dividing this machine into ComputerPartitions: users, directories, addresses, interfaces; and telling the Master.
///
/// Always true here: observe, plan (pure), act; a second pass plans nothing; what others made is never taken over.
@NullMarked
package org.slapos.node.format;

import org.jspecify.annotations.NullMarked;
