/// Who can ask: people, organisations, projects and networks; the functions that people hold; the certificates,
/// sessions and one-time tokens by which they are known.
///
/// Always true here: a request is made by exactly one [Requester]; identity is the fingerprint of the certificate
/// shown, never its name; a token, a session and a password are stored hashed; a one-time token works once; who is not
/// validated is nobody.
@NullMarked
package org.slapos.master.party;

import org.jspecify.annotations.NullMarked;
