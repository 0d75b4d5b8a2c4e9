@NullMarked
package org.slapos.master.proxy;

import org.jspecify.annotations.NullMarked;
