/// The SLAP v1 door: decodes the flat HTTP methods that nodes and clients call, calls one use-case, and encodes its
/// answer. It holds no rule.
@NullMarked
package org.slapos.master.slaptool;

import org.jspecify.annotations.NullMarked;
