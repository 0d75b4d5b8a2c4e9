/// The cellar: transactions on PostgreSQL, notifications, migrations, and the PostgreSQL that comes with the Master.
///
/// Always true here: one dialect; a transaction commits whole or not at all; migrations only go forward; nothing above
/// sees a connection.
@NullMarked
package org.slapos.master.db;

import org.jspecify.annotations.NullMarked;
