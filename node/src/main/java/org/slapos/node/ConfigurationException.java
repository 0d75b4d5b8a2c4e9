package org.slapos.node;

import java.util.List;

/// A configuration that cannot be used, with everything that is wrong with it.
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ConfigurationException(String origin, List<String> problems) {
        super(origin + ":\n"
                + problems.stream()
                        .map(p -> "  - " + p)
                        .reduce((a, b) -> a + "\n" + b)
                        .orElse(""));
    }
}
