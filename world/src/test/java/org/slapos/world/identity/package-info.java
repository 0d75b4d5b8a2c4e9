/// Who is who, with everything together: a real Master, the agent's own renewal, the commands that people type.
@NullMarked
package org.slapos.world.identity;

import org.jspecify.annotations.NullMarked;
