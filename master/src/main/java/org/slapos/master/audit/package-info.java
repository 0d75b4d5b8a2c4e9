/// The audit trail: who changed what, when, from where and with which certificate.
///
/// Always true here: an event is written in the transaction of the change, so that there is none without the other; it
/// is never edited nor deleted, which the database itself refuses; it holds no secret.
@NullMarked
package org.slapos.master.audit;

import org.jspecify.annotations.NullMarked;
