/// Buildout as the node runs it: from the node's own runtime, as the owner of the directory it works in, with a clean
/// environment and a deadline. What it is given and what it made is the business of `software` and `instance`.
@NullMarked
package org.slapos.node.buildout;

import org.jspecify.annotations.NullMarked;
