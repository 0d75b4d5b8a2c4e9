/// The commands of `slapos node`, one class each; no rule lives here.
@NullMarked
package org.slapos.node.verbs;

import org.jspecify.annotations.NullMarked;
