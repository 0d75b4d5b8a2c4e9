/// Promises: checks that an instance delivers what it should. They run as the partition's user, each with a deadline,
/// and never stop one another.
///
/// Only executables of `etc/promise` are run; Python plugins of `etc/plugin` are named in a warning.
@NullMarked
package org.slapos.node.promise;

import org.jspecify.annotations.NullMarked;
