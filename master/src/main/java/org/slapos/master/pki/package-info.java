/// The certificate authority: one root, one certificate for each person, Computer and SoftwareInstance.
///
/// Always true here: a holder has at most one certificate that works; serial and holder are stored before signing, the
/// certificate after; a private key is at rest only encrypted under the [KeyFile], and never printed. Bouncy Castle is
/// known in this folder only.
@NullMarked
package org.slapos.master.pki;

import org.jspecify.annotations.NullMarked;
