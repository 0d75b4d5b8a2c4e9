/// `slapos console`: Java with a Master at hand, typed line by line or in a file.
///
/// [ConsoleVerb] reads the command line, [SlapShell] is the language's evaluator, [Slap] what its lines may call.
@NullMarked
package org.slapos.cli.console;

import org.jspecify.annotations.NullMarked;
