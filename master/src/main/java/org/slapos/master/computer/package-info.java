/// Computers: machines that were registered, the ComputerPartitions they were divided into, and the revision of what
/// each of them must do.
///
/// Always true: a reference (`COMP-n`) is never used again; a partition is free, busy or inactive, and only a free one
/// is given away; whatever changes what a Computer must do moves its revision in the same transaction.
@NullMarked
package org.slapos.master.computer;

import org.jspecify.annotations.NullMarked;
