package org.slapos.node.host;

import java.nio.file.Path;

/// Processes that share the processor and the disk as one: how many there are of them gives them no more of it.
///
/// @param name   below the root of each hierarchy of control groups: the node's, a slash, its own
/// @param weight of its share against that of its neighbours, who have 100: 1 to 1000
public record ControlGroup(String name, int weight) {
    public ControlGroup {
        if (name.startsWith("/") || !name.matches("[^/]+/[^/]+") || name.contains("..")) {
            throw new IllegalArgumentException("no name of a control group: " + name);
        }
        if (weight < 1 || weight > 1000) {
            throw new IllegalArgumentException("the weight of a control group is 1 to 1000, not " + weight);
        }
    }

    /// The group that this one is in.
    String parent() {
        return name.substring(0, name.indexOf('/'));
    }

    /// The group that holds the groups of a node, named after its instance root, since a machine may have several.
    public static String ofNode(Path instanceRoot) {
        return "slapos" + instanceRoot.toString().replace('/', '-');
    }
}
