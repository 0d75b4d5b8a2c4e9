package org.slapos.cli.verbs;

import java.io.IOException;
import java.util.List;
import org.slapos.protocol.client.SlapClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `slapos computer set`.
@Command(
        description = {
            "Says how one of your Computers is offered; without settings, shows how it is.",
            "What is not named stays as it is, and an empty value takes back what was said. Instances that wait for such",
            "a place get it at once."
        },
        footer = {
            "",
            "Settings:",
            "  scope        open, close/noallocation, close/maintenance, close/termination, close/outdated, close/forever",
            "  price        of an instance on it, per month or hour: 5EUR/month, 0.0125EUR/hour",
            "  price_from   when that price begins, as 2027-01-01T00:00:00Z; now unless given",
            "  supplier     reference of who offers it; its owner unless given",
            "  network      the network it is in, such as NET-1",
            "  capacity     sum of the weights of what it carries",
            "  memory, disk, cores, frequency, bandwidth       amounts: 64GB, 2TB, 8, 3.2GHz, 1Gbit/s",
            "  region, group, model, cpu_type, memory_type, storage_interface, storage_redundancy,",
            "  local_area_network_type, wide_area_network_type, cpu_core, cpu_frequency, memory_size,",
            "  storage_capacity                                places in a tree: europe/west/france",
            "",
            "Examples:",
            "  slapos computer set COMP-1 region=europe/west/france memory=64GB price=5EUR/month",
            "  slapos computer set COMP-1 scope=close/maintenance",
            "  slapos computer set COMP-1 -o json"
        })
final class ComputerSetVerb extends Verb {
    @Parameters(index = "0", paramLabel = "COMPUTER", description = "Its reference, such as COMP-1.")
    private String reference = "";

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "NAME=VALUE", description = "What is said of it.")
    private List<String> settings = List.of();

    @Override
    public int call() throws IOException {
        var words = InstanceParameters.ofWords("settings", settings);
        try (var master = connect()) {
            if (!words.isEmpty()) {
                var call = SlapClient.parameters().put("computer_guid", reference);
                words.forEach(call.putObject("settings")::put);
                master.json("slapos.put.v0.compute_node_offer", call);
            }
            var offer = master.json(
                    "slapos.get.v0.compute_node_offer", SlapClient.parameters().put("computer_guid", reference));
            print(new Found(
                    () -> offer,
                    () -> {
                        var table = new Table("", "SETTING", "VALUE");
                        offer.path("settings")
                                .properties()
                                .forEach(setting -> table.row(
                                        setting.getKey(), setting.getValue().asText()));
                        return table;
                    },
                    List.of(reference)));
            return ExitStatus.OK;
        }
    }
}
