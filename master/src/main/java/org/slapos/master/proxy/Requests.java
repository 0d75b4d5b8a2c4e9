package org.slapos.master.proxy;

import java.net.URI;
import org.slapos.protocol.InstanceInformation;

/// Who answers a request: this proxy, another Master, or nobody when a bypass stands in for an instance.
record Requests(RequestInstance here, OtherMasters others) {
    /// Where a request ended.
    sealed interface Outcome {
        record Here(RequestInstance.Answer answer) implements Outcome {}

        record Elsewhere(InstanceInformation found, String master) implements Outcome {}

        record Bypassed(Bypass.Found found) implements Outcome {}
    }

    /// @param url how the caller reaches this proxy
    /// @throws Refusal when nothing fits it
    Outcome answer(InstanceWanted wanted, URI url) {
        if (here.isAllocated(wanted)) {
            return new Outcome.Here(here.request(wanted));
        }
        var master = others.masterFor(wanted, url);
        if (master.isPresent()) {
            return new Outcome.Elsewhere(others.forward(wanted, master.get()), master.get());
        }
        var bypass = Bypass.of(wanted, url);
        if (bypass.isPresent()) {
            return new Outcome.Bypassed(bypass.get());
        }
        return new Outcome.Here(here.request(wanted));
    }
}
