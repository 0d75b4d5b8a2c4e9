package org.slapos.master.audit;

import java.util.function.Supplier;

/// On whose account the current thread works: bound by the server for the time of a request.
///
/// @param who     a reference; `nobody` for one who showed no identity
/// @param proof   fingerprint of the certificate shown, or the session; asked for only when something is written down
/// @param address from where
/// @param request id of the request, as the log has it
public record Actor(String who, Supplier<String> proof, String address, String request) {
    public static final String NOBODY = "nobody";

    private static final Actor MASTER = new Actor("master", () -> "", "", "");
    private static final ScopedValue<Actor> CURRENT = ScopedValue.newInstance();

    /// Does the work on this one's account.
    public <R, X extends Throwable> R does(ScopedValue.CallableOp<? extends R, X> work) throws X {
        return ScopedValue.where(CURRENT, this).call(work);
    }

    /// Who acts on this thread; the Master itself outside of requests.
    public static Actor current() {
        return CURRENT.orElse(MASTER);
    }

    /// The same request, by somebody who has proven otherwise who they are.
    public Actor as(String other, String otherProof) {
        return new Actor(other, () -> otherProof, address, request);
    }
}
