/// The hypermedia door: lists and forms of what a person has, in hal+json, read only. The documents are records of
/// `protocol.hypermedia`; here is which columns a row can have, and who sees what: a person sees what is theirs.
@NullMarked
package org.slapos.master.hateoas;

import org.jspecify.annotations.NullMarked;
