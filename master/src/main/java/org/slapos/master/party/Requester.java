package org.slapos.master.party;

import org.slapos.master.audit.Actor;
import org.slapos.protocol.ComputerId;

/// Who makes a request, as proven by the certificate of its connection.
public sealed interface Requester {
    /// A human, by its reference `PERSON-n`.
    record Person(String reference) implements Requester {}

    /// A Computer's node agent.
    record Computer(ComputerId id) implements Requester {}

    /// The code inside a ComputerPartition, by its SoftwareInstance's reference `SOFTINST-n`.
    record Instance(String guid) implements Requester {}

    /// Nobody known; `why` is shown to the caller: no certificate, a revoked one, one of another authority.
    record Anonymous(String why) implements Requester {}

    /// How the audit trail and messages name it.
    default String reference() {
        return switch (this) {
            case Person person -> person.reference;
            case Computer(var id) -> id.text();
            case Instance(var guid) -> guid;
            case Anonymous _ -> Actor.NOBODY;
        };
    }
}
