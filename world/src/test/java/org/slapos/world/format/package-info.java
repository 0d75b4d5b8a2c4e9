/// A machine is divided into partitions, by the installed program in a test computer.
@NullMarked
package org.slapos.world.format;

import org.jspecify.annotations.NullMarked;
