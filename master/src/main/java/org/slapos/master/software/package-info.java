/// SoftwareReleases: which are wanted on which Computer, how their builds stand, and where they may be allocated.
///
/// Words: a SoftwareRelease is the address of a Buildout profile; a SoftwareInstallation (`SOFTINSTALL-n`) wants it on
/// one Computer; releases whose profiles lie in folders of one name are those of one product; an AllocationSupply
/// allows instances of it there. In the default project supplying makes all three.
///
/// Always true: at most one valid installation for each Computer and URL; one pending destruction is listed until the
/// node has confirmed it, and a fresh request in the meantime replaces it.
@NullMarked
package org.slapos.master.software;

import org.jspecify.annotations.NullMarked;
