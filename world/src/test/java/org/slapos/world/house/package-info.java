/// The house test: which room may use which, read from the compiled classes.
///
/// The table is in [HouseTest]; changing it takes a decision in `docs/adr`.
@NullMarked
package org.slapos.world.house;

import org.jspecify.annotations.NullMarked;
