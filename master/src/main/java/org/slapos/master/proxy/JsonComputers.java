package org.slapos.master.proxy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.jsonrpc.CertificatePair;
import org.slapos.protocol.jsonrpc.ComputeNodeCall;
import org.slapos.protocol.jsonrpc.FormattedPartition;
import org.slapos.protocol.jsonrpc.InstallationCall;
import org.slapos.protocol.jsonrpc.Json;
import org.slapos.protocol.jsonrpc.JsonAnswer;
import org.slapos.protocol.jsonrpc.ResultList;
import org.slapos.protocol.jsonrpc.Rows;
import org.slapos.protocol.jsonrpc.Success;

/// The JSON methods about Computers and what is installed on them.
record JsonComputers(State state, Software software, LoadConfiguration configuration) {
    static final Success IGNORED = new Success("Ignored");

    JsonAnswer answer(ComputeNodeCall<?> said) {
        return switch (said) {
            case ComputeNodeCall.Status _ -> () -> Json.object().put("text", "Unknown (not implemented)");
            case ComputeNodeCall.Instances(var computer) ->
                listed(computer, tables -> instances(tables.partitionsOf(computer)));
            case ComputeNodeCall.Installations(var computer) ->
                listed(computer, tables -> installations(tables, computer));
            case ComputeNodeCall.Format(var computer, var partitions) -> format(computer, partitions);
            case ComputeNodeCall.IssueCertificate _ -> new CertificatePair("", "");
            case ComputeNodeCall.Bang _, ComputeNodeCall.RevokeCertificate _, ComputeNodeCall.Usage _ -> IGNORED;
            case ComputeNodeCall.Lose lose ->
                throw Refusal.noSuchMethod(lose.method().wire());
            case ComputeNodeCall.Owned _ -> new ResultList<>(state.read(JsonComputers::computers));
        };
    }

    JsonAnswer answer(InstallationCall<?> said) {
        return switch (said) {
            case InstallationCall.Supply(var computer, var url, var wanted) -> {
                software.supply(url, computer, wanted);
                yield new Success("Supplied " + url + " to be " + wanted.wire());
            }
            case InstallationCall.ReportState(var computer, var url, var reported) -> {
                if (reported != InstallationCall.Reported.DESTROYED) {
                    yield IGNORED;
                }
                software.destroyed(url, computer);
                yield new Success("Destroyed");
            }
            case InstallationCall.ReportError _ -> IGNORED;
            case InstallationCall.Get get ->
                throw Refusal.noSuchMethod(get.method().wire());
        };
    }

    private <R extends JsonAnswer> ResultList<R> listed(String computer, Function<Tables, List<R>> rows) {
        return new ResultList<>(state.read(tables -> {
            if (!tables.computers.containsKey(computer)) {
                throw Refusal.unknownComputer(computer);
            }
            return rows.apply(tables);
        }));
    }

    private static List<Rows.PlainInstance> instances(List<Partition> partitions) {
        return partitions.stream()
                .flatMap(partition -> partition.held().stream()
                        .map(held -> new Rows.PlainInstance(
                                held.title(),
                                JsonDocuments.guid(held),
                                held.state().wire(),
                                partition.key().partition(),
                                held.release())))
                .toList();
    }

    private static List<Rows.Installation> installations(Tables tables, String computer) {
        return tables.software.entrySet().stream()
                .filter(entry -> entry.getKey().computer().equals(computer))
                .map(entry -> new Rows.Installation(
                        entry.getKey().url(), entry.getValue().wire()))
                .toList();
    }

    private static List<JsonAnswer> computers(Tables tables) {
        return tables.computers.keySet().stream()
                .<JsonAnswer>map(computer -> () -> Json.object().put("computer_guid", computer))
                .toList();
    }

    private Success format(String computer, List<FormattedPartition> formatted) {
        var reference = new ComputerId(computer).text();
        var partitions = new ArrayList<Partition>();
        for (var one : formatted) {
            var key = new PartitionKey(reference, new PartitionId(one.id()).text());
            partitions.add(Partition.free(
                    key,
                    one.addresses().stream()
                            .map(address -> new Partition.Address(
                                    address.networkInterface().isEmpty() ? key.partition() : address.networkInterface(),
                                    address.address(),
                                    address.netmask()))
                            .toList()));
        }
        configuration.load(new Tables.Computer(reference, "", ""), partitions);
        return new Success("Formatted");
    }
}
