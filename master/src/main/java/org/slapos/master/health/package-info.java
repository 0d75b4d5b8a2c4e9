/// The door for whoever watches the Master: is it able to serve?
@NullMarked
package org.slapos.master.health;

import org.jspecify.annotations.NullMarked;
