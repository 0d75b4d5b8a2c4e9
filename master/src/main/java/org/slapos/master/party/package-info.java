/// Who can ask: parties, the certificates they show, the one-time tokens that get them their first one.
///
/// Always true here: a request is made by exactly one [Requester]; identity is the fingerprint of the certificate
/// shown, never its name; a token is stored hashed and works once.
@NullMarked
package org.slapos.master.party;

import org.jspecify.annotations.NullMarked;
