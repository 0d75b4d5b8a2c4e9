package org.slapos.master.audit;

import java.time.Instant;

/// One line of the audit trail.
///
/// @param id      grows with time; 0 = not written yet
/// @param who     reference of who did it; `nobody`, or `master`
/// @param proof   fingerprint of the certificate, or the session
/// @param address from where
/// @param request id of the request, as the log has it
/// @param action  what was done, such as `computer.register`
/// @param object  reference of what it was done to
/// @param before  in short; empty when there was nothing
/// @param after   in short
public record Event(
        long id,
        Instant at,
        String who,
        String proof,
        String address,
        String request,
        String action,
        String object,
        String before,
        String after) {}
