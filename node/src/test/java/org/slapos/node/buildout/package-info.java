/// Tests of running Buildout, with the real runtime.
@NullMarked
package org.slapos.node.buildout;

import org.jspecify.annotations.NullMarked;
