/// What each partition uses of processor, memory and disk, as TioXML for the Master.
///
/// Always true: a closed period stays in a file until the Master acknowledged it, under a reference of its own, so that
/// sending it twice counts once.
@NullMarked
package org.slapos.node.usage;

import org.jspecify.annotations.NullMarked;
