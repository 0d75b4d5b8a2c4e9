package org.slapos.master.instance;

import java.util.Optional;

/// Instances of a SoftwareRelease and type that are made before somebody in the project asks for them: its spares.
///
/// @param reference `POOL-n`
/// @param release   URL of the SoftwareRelease
/// @param size      how many spares are kept; nothing = as many as were requested in the busiest hour of a week
/// @param most      then at most so many
record Pool(long id, String reference, String project, String release, String type, Optional<Integer> size, int most) {
    /// How many spares there should be.
    ///
    /// @param busiestHour requests in it
    int wanted(int busiestHour) {
        return size.orElse(Math.min(busiestHour, most));
    }

    /// The title of a spare's tree, until it gets its owner's.
    String titleOf(long number) {
        return reference + "-" + number;
    }
}
