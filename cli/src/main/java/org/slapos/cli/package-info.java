/// The `slapos` command of whoever asks for things: requests, supplies, lists, and the demo.
///
/// `verbs` are the commands, one class each; `profile` reads the Buildout profiles of SoftwareReleases; `demo` brings
/// up a whole cloud on this machine by calling the real programs. It meets Master and node on the wire only.
@NullMarked
package org.slapos.cli;

import org.jspecify.annotations.NullMarked;
