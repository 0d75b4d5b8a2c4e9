/// The Master: knows parties, computers and instances, gives each a certificate, places requests on
/// ComputerPartitions, and keeps the ledger. `Main` reads the configuration, [Master] builds the house.
@NullMarked
package org.slapos.master;

import org.jspecify.annotations.NullMarked;
