/// Promises: checks that an instance delivers what it should, plug-ins of `etc/plugin` (Python, under the release's own
/// interpreter) and executables of `etc/promise`. They run as the partition's user, each with a deadline and by its own
/// periodicity, and never stop one another.
@NullMarked
package org.slapos.node.promise;

import org.jspecify.annotations.NullMarked;
