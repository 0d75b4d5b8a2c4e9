package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// What a JSON method answers.
public interface JsonAnswer {
    ObjectNode write();
}
