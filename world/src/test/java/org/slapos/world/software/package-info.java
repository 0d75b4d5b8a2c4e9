/// The catalogue's software on the real Buildout runtime, as the installed programs have it: built from a web server on
/// loopback, run as a partition would run it, without Master or agent.
@NullMarked
package org.slapos.world.software;

import org.jspecify.annotations.NullMarked;
