/// The double-entry record of what moved between parties: append-only Movements and their postings.
///
/// Always true here: a Movement carries a positive quantity of one resource from a source to a destination and is
/// never edited, only closed once when it was opened without an end; a cause posts once; the postings of every
/// resource sum to zero. The database itself refuses anything else.
@NullMarked
package org.slapos.master.ledger;

import org.jspecify.annotations.NullMarked;
