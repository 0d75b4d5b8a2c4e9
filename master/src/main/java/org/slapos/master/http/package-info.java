/// The door frame: one HTTPS server, the identity of each request, limits, errors. A [Door] decodes a [Call], calls
/// one use-case, and encodes an [Answer].
///
/// Always true here: an unexpected exception is logged once with the request's id and shows the caller only that id.
@NullMarked
package org.slapos.master.http;

import org.jspecify.annotations.NullMarked;
