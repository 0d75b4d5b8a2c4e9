package org.slapos.master.proxy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.MalformedException;

/// Takes what `format` made of a machine: its Computer is registered, its partitions are those and no others. A
/// partition that is no longer there goes with whatever it held; one that is still there keeps its instance.
final class LoadConfiguration {
    private static final int MAX_PARTITIONS = 10_000;

    private final State state;

    LoadConfiguration(State state) {
        this.state = state;
    }

    void load(ComputerConfiguration configuration) {
        var computer = configuration.reference().text();
        var partitions = new ArrayList<Partition>();
        for (var one : configuration.partitions()) {
            var reference = one.reference().text();
            var interfaceName =
                    one.tap().name().isEmpty() ? reference : one.tap().name();
            partitions.add(Partition.free(
                    new PartitionKey(computer, reference),
                    one.addresses().stream()
                            .map(address -> new Partition.Address(interfaceName, address.address(), address.netmask()))
                            .toList()));
        }
        load(new Tables.Computer(computer, configuration.address(), configuration.netmask()), partitions);
    }

    /// @param formatted the partitions with their addresses, free
    void load(Tables.Computer computer, List<Partition> formatted) {
        if (formatted.size() > MAX_PARTITIONS) {
            throw new MalformedException("more than " + MAX_PARTITIONS + " partitions");
        }
        var kept = new HashSet<PartitionKey>();
        for (var partition : formatted) {
            if (!kept.add(partition.key())) {
                throw new MalformedException("partition '" + partition.key().partition() + "' is listed twice");
            }
        }
        state.change((tables, _) -> {
            tables.computers.put(computer.reference(), computer);
            tables.partitions.keySet().removeIf(key -> isGone(key, computer, kept));
            tables.sharedInstances.values().removeIf(shared -> isGone(shared.host(), computer, kept));
            for (var partition : formatted) {
                var before = tables.partitions.get(partition.key());
                tables.save(before == null ? partition : before.with(partition.addresses()));
            }
            return computer;
        });
    }

    private static boolean isGone(PartitionKey key, Tables.Computer computer, Set<PartitionKey> kept) {
        return key.computer().equals(computer.reference()) && !kept.contains(key);
    }
}
