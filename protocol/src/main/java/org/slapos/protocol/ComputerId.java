package org.slapos.protocol;

/// The reference of a Computer: `COMP-n` from a Master, any word from a proxy.
public record ComputerId(String text) {
    /// @throws MalformedException when it is empty, longer than 200 characters, or could be read as a path or a
    /// list
    public ComputerId {
        text = Reference.checked("ComputerId", text);
    }

    @Override
    public String toString() {
        return text;
    }
}
