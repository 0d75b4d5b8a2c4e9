/// The papers say what is there.
@NullMarked
package org.slapos.world.papers;

import org.jspecify.annotations.NullMarked;
