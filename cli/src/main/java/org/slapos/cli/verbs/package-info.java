/// The commands, one class each: it decodes the command line, calls the Master, prints what it answered.
///
/// Always true here: what was asked for goes to standard output, everything else to standard error, and each failure
/// ends in one of the statuses of [ExitStatus] with a sentence that says what to do.
@NullMarked
package org.slapos.cli.verbs;

import org.jspecify.annotations.NullMarked;
