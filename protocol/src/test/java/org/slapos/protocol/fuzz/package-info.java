/// Hostile input for everything that reads a text from outside.
@NullMarked
package org.slapos.protocol.fuzz;

import org.jspecify.annotations.NullMarked;
