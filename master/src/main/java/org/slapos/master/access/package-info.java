/// Who may call what, said in one place for all doors: a method names its callers as they stand to the Computer or the
/// instance that the call is about.
@NullMarked
package org.slapos.master.access;

import org.jspecify.annotations.NullMarked;
