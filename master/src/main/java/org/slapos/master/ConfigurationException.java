package org.slapos.master;

import java.util.List;

/// A configuration that cannot be used, with everything that is wrong with it.
public final class ConfigurationException extends Exception {
    private static final long serialVersionUID = 1L;

    ConfigurationException(List<String> faults) {
        super(String.join("\n", faults));
    }
}
