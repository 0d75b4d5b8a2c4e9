/// The one command of all programs: what one says of another is so.
@NullMarked
package org.slapos.world.command;

import org.jspecify.annotations.NullMarked;
