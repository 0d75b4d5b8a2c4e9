/// The machine under the node, behind one interface: processes, users, addresses, interfaces, files of tenants.
///
/// Always true here: commands are argument lists with a deadline, never text for a shell; a file below a tenant's
/// directory is never reached through a link; what is made on the machine is first written to the [UndoList].
@NullMarked
package org.slapos.node.host;

import org.jspecify.annotations.NullMarked;
