/// A cloud as its operator sets it up and keeps it.
@NullMarked
package org.slapos.world.operator;

import org.jspecify.annotations.NullMarked;
