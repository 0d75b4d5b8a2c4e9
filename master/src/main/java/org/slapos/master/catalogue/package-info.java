/// The door of the catalogue: the Buildout profiles and sources of the SoftwareReleases that this Master offers, as
/// files.
@NullMarked
package org.slapos.master.catalogue;

import org.jspecify.annotations.NullMarked;
