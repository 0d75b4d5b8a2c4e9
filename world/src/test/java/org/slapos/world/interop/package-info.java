/// One scenario, played with the client of `protocol` and the installed commands against every Master there is: ours,
/// our proxy mode, and any other by its URL.
@NullMarked
package org.slapos.world.interop;

import org.jspecify.annotations.NullMarked;
