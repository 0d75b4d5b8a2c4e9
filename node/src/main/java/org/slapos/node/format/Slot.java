package org.slapos.node.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slapos.node.NodeConfiguration.Format;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerConfiguration.Partition;

/// The names of one partition before anything is planned for it: those it had, those of a definition file, else those
/// of the configuration with its number.
///
/// @param known   what it had after the last format
/// @param defined what the definition file says of it
record Slot(String id, String user, String tap, Optional<Partition> known, Optional<Definition.Part> defined) {
    static List<Slot> of(
            Format format, String self, Optional<ComputerConfiguration> persisted, Optional<Definition> definition) {
        var slots = new ArrayList<Slot>();
        for (int i = 0; i < format.partitionAmount(); i++) {
            int index = i;
            var known = persisted
                    .map(ComputerConfiguration::partitions)
                    .filter(all -> index < all.size())
                    .map(all -> all.get(index));
            var defined = definition.map(all -> all.parts().get(index));
            var id = known.map(p -> p.reference().text())
                    .or(() -> defined.map(Definition.Part::id))
                    .orElse(format.partitionBaseName() + i);
            var user = format.alterUser()
                    ? known.map(Partition::user)
                            .filter(name -> !name.equals(self))
                            .or(() -> defined.map(Definition.Part::user))
                            .orElse(format.userBaseName() + i)
                    : self;
            var tap = known.map(p -> p.tap().name())
                    .filter(name -> !name.isEmpty())
                    .or(() -> defined.map(Definition.Part::tap))
                    .orElse(format.tapBaseName() + i);
            slots.add(new Slot(id, user, tap, known, defined));
        }
        return slots;
    }

    /// The users that format makes for partitions, in order.
    static List<String> users(Stream<Slot> slots) {
        return slots.map(Slot::user).distinct().toList();
    }
}
