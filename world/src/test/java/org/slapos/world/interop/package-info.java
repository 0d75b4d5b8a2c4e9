/// One scenario, played with the client of `protocol`, the installed commands and the installed node against every
/// Master there is: ours, our proxy mode, and any other by its URL. And the proxy as the process that a test suite
/// starts and ends.
@NullMarked
package org.slapos.world.interop;

import org.jspecify.annotations.NullMarked;
