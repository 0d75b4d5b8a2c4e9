/// Which lines of a checklist are answered by a test that ran, by a reason to differ, or by nothing.
@NullMarked
package org.slapos.world.checklist;

import org.jspecify.annotations.NullMarked;
