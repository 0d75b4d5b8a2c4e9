/// Reads the Buildout profile of a SoftwareRelease, with all that it extends, to say what it is made from.
///
/// Nothing is built here: `${section:option}` is resolved as Buildout would, but what only a build knows, such as
/// `${buildout:directory}`, stays as it is written.
@NullMarked
package org.slapos.cli.profile;

import org.jspecify.annotations.NullMarked;
