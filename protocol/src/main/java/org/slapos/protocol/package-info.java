/// The words of SlapOS and how they travel: ids, states, the documents that a Master and a Node exchange,
/// and the reader of the configuration files that all programs share.
///
/// Nothing here knows a Master or a Node; every other room may use it.
@NullMarked
package org.slapos.protocol;

import org.jspecify.annotations.NullMarked;
