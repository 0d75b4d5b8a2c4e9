/// The registration door at the Master's root: a one-time token is exchanged for a first certificate
/// (SLAP protocol, certificate bootstrap). It needs no certificate itself.
@NullMarked
package org.slapos.master.registration;

import org.jspecify.annotations.NullMarked;
