package org.slapos.master.software;

import org.slapos.master.computer.AccessStatus;
import org.slapos.protocol.SoftwareState;

/// A SoftwareRelease wanted on a Computer, or gone from it.
///
/// @param reference `SOFTINSTALL-n`
/// @param errorLog  the output of the last failed build, its end when it was very long; empty after a good one
public record SoftwareInstallation(
        long id, String reference, String url, SoftwareState requested, AccessStatus status, String errorLog) {}
