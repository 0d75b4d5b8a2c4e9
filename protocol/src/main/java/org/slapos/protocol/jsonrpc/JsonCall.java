package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// A call of one JSON method with its members.
///
/// @param <A> what answers it
public sealed interface JsonCall<A extends JsonAnswer>
        permits InstanceCall, ComputeNodeCall, InstallationCall, MarketCall, PartyCall, MasterCall, CertificateCall {
    JsonMethod method();

    /// The members as they travel.
    ObjectNode write();

    /// Reads the answer of a good call: members that nobody knows are passed over, and those that may be missing are
    /// empty.
    ///
    /// @throws org.slapos.protocol.MalformedException when what matters is missing
    A answer(JsonNode answer);
}
