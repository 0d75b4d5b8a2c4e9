/// Making this machine a Computer of a Master: a one-time token becomes a certificate and a configuration.
@NullMarked
package org.slapos.node.register;

import org.jspecify.annotations.NullMarked;
