/// Figures, each beside a baseline of the same minute on the same machine, so that the ratio means something on any
/// machine.
///
/// What is measured runs as an operator runs it: in processes of its own, through the installed `bin/slapos`.
@NullMarked
package org.slapos.bench;

import org.jspecify.annotations.NullMarked;
