/// A whole cloud on this machine in one command, and its end without a trace.
///
/// The demo calls the real programs as an operator would, from an installed copy below its own root. What it makes on
/// the machine is written down first, in the list that `slapos node undo` undoes; `demo stop` undoes it all, also after
/// a crash in the middle. It takes over nothing that it did not make.
@NullMarked
package org.slapos.cli.demo;

import org.jspecify.annotations.NullMarked;
