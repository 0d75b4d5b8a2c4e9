/// SoftwareReleases of this node: each is built once, by Buildout, as the owner of the software directory, into
/// `<software root>/<MD5 of its URL>`, and removed when nobody wants it any more.
///
/// Always true: `.completed` is there only after the Master was told that the release is available; a failed or
/// interrupted build is resumed in place; a release that fails never stops another one.
@NullMarked
package org.slapos.node.software;

import org.jspecify.annotations.NullMarked;
