/// The hypermedia API as documents (hal+json): the root document with its URI templates, searches and their rows, and
/// forms with the properties of one thing. A Master writes them, a client reads them.
@NullMarked
package org.slapos.protocol.hypermedia;

import org.jspecify.annotations.NullMarked;
