/// A machine that is lost, and another one built in its place.
@NullMarked
package org.slapos.world.rebuild;

import org.jspecify.annotations.NullMarked;
