/// Work that follows a change or comes again and again, shared among all Masters on the database. Its words: a *job* is
/// what can be done, by its *kind*; a row of the table `work` is one that is wanted. Always true here: the row is
/// written in the transaction of its cause, and goes in the transaction of its effect.
@NullMarked
package org.slapos.master.work;

import org.jspecify.annotations.NullMarked;
