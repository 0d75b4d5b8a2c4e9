/// `slapos node doctor`: tries what partitions will need, says what does not work and how to mend it.
///
/// Always true here: whatever a check makes is written to a list first and taken away at the end, also by the next
/// doctor when this one is killed; nothing of the node itself is changed.
@NullMarked
package org.slapos.node.doctor;

import org.jspecify.annotations.NullMarked;
