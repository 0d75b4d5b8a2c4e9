package org.slapos.cli.verbs;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slapos.cli.verbs.CommandTable.Entry;
import org.slapos.cli.verbs.CommandTable.Section;

/// The commands of this room.
public final class ClientCommands {
    private ClientCommands() {}

    /// @param all all commands of the program, for completion
    public static List<Entry> of(Supplier<CommandTable> all) {
        return Stream.concat(particular(all).stream(), PartyCommands.all().stream())
                .toList();
    }

    private static List<Entry> particular(Supplier<CommandTable> all) {
        return List.of(
                new Entry("request", Section.CLIENT, RequestVerb::new),
                new Entry("explain", Section.CLIENT, ExplainVerb::new),
                new Entry("supply", Section.CLIENT, SupplyVerb::new),
                new Entry("remove", Section.CLIENT, RemoveVerb::new),
                new Entry("service list", Section.CLIENT, ServiceListVerb::new),
                new Entry("service info", Section.CLIENT, ServiceInfoVerb::new),
                new Entry("service backup", Section.CLIENT, ServiceBackupVerb::new),
                new Entry("computer list", Section.CLIENT, ComputerListVerb::new),
                new Entry("computer info", Section.CLIENT, ComputerInfoVerb::new),
                new Entry("computer set", Section.CLIENT, ComputerSetVerb::new),
                new Entry("computer gone", Section.CLIENT, ComputerGoneVerb::new),
                new Entry("computer token", Section.CLIENT, ComputerTokenVerb::new),
                new Entry("software show", Section.CLIENT, SoftwareVerbs.Show::new),
                new Entry("software log", Section.CLIENT, SoftwareVerbs.Log::new),
                new Entry("product set", Section.CLIENT, ProductSetVerb::new),
                new Entry("pool set", Section.CLIENT, PoolVerbs.Set::new),
                new Entry("pool list", Section.CLIENT, PoolVerbs.Listing::new),
                new Entry("brake set", Section.CLIENT, BrakeVerbs.Set::new),
                new Entry("brake show", Section.CLIENT, BrakeVerbs.Show::new),
                new Entry("ledger list", Section.CLIENT, LedgerVerbs.Listing::new),
                new Entry("certificate list", Section.CLIENT, CertificateVerbs.Listing::new),
                new Entry("certificate renew", Section.CLIENT, CertificateVerbs.Renew::new),
                new Entry("certificate revoke", Section.CLIENT, CertificateVerbs.Revoke::new),
                new Entry("configure client", Section.CLIENT, ConfigureVerbs.Client::new),
                new Entry("cachelookup url", Section.CACHELOOKUP, CacheLookupVerbs.Url::new),
                new Entry("cachelookup pypi", Section.CACHELOOKUP, CacheLookupVerbs.Pypi::new),
                new Entry("cachelookup binary-sr", Section.CACHELOOKUP, CacheLookupVerbs.Binary::new),
                new Entry("complete", Section.OTHER, () -> new CompleteVerb(all)));
    }
}
