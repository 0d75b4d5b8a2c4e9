/// The whole path, on real parts in a test computer: from one command to a served application, through every fault
/// it must survive, back to a machine as it was.
@NullMarked
package org.slapos.world.firstlight;

import org.jspecify.annotations.NullMarked;
