@NullMarked
package org.slapos.master.db;

import org.jspecify.annotations.NullMarked;
