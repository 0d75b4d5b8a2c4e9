package org.slapos.protocol.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.protocol.golden.Values.BLOG;
import static org.slapos.protocol.golden.Values.COMPUTER;
import static org.slapos.protocol.golden.Values.FIRST;
import static org.slapos.protocol.golden.Values.HERE;
import static org.slapos.protocol.golden.Values.PUBLISHED;
import static org.slapos.protocol.golden.Values.SECOND;
import static org.slapos.protocol.golden.Values.SHOP;
import static org.slapos.protocol.golden.Values.SITE;
import static org.slapos.protocol.golden.Values.WP;
import static org.slapos.protocol.golden.Values.addresses;
import static org.slapos.protocol.golden.Values.at;
import static org.slapos.protocol.golden.Values.blog;
import static org.slapos.protocol.golden.Values.child;
import static org.slapos.protocol.golden.Values.configuration;
import static org.slapos.protocol.golden.Values.db;
import static org.slapos.protocol.golden.Values.facts;
import static org.slapos.protocol.golden.Values.free;
import static org.slapos.protocol.golden.Values.held;
import static org.slapos.protocol.golden.Values.in;
import static org.slapos.protocol.golden.Values.information;
import static org.slapos.protocol.golden.Values.instance;
import static org.slapos.protocol.golden.Values.minute;
import static org.slapos.protocol.golden.Values.request;
import static org.slapos.protocol.golden.Values.shop;
import static org.slapos.protocol.golden.Values.supplied;
import static org.slapos.protocol.golden.Values.usage;
import static org.slapos.protocol.golden.Values.wanted;
import static org.slapos.protocol.golden.Values.with;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slapos.protocol.AccessStatus;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.PartitionInformation;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareInformation;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapClient.InstanceReport;
import org.slapos.protocol.client.SlapClient.SoftwareReport;
import org.slapos.protocol.client.SlapException;
import org.slapos.protocol.jsonrpc.Json;

/// The call of our client that says each golden conversation, and what it makes of the answer. A refusal needs the
/// call only: its kind of failure follows from the status.
final class ClientCalls {
    private static final SlapClient.CertificatePair PAIR =
            new SlapClient.CertificatePair(Blanks.sample("certificate"), Blanks.sample("key"));

    private final Map<String, Call> calls = new TreeMap<>();

    /// Calls a Master; `web` is where its paths begin.
    @FunctionalInterface
    interface Call {
        void accept(SlapClient client, URI web);
    }

    private ClientCalls() {}

    static Map<String, Call> byName() {
        var made = new ClientCalls();
        made.computers();
        made.software();
        made.requests();
        made.partitions();
        made.shared();
        made.reports();
        made.registration();
        ProxyCalls.addTo(made);
        return made.calls;
    }

    /// A JSON method by its name: the body is sent, and the whole answer read.
    static Optional<Call> json(Conversation conversation) {
        var method = conversation.name().replaceFirst(".*/(.*)\\..*", "$1");
        if (!method.startsWith("slapos.")) {
            return Optional.empty();
        }
        return Optional.of((client, _) -> assertThat(client.json(method, object(conversation.request())))
                .isEqualTo(object(conversation.answer())));
    }

    private static ObjectNode object(Message message) {
        return (ObjectNode) Json.read(message.text().getBytes(StandardCharsets.UTF_8));
    }

    void add(String name, Consumer<SlapClient> call) {
        assertThat(calls.put(name, (client, _) -> call.accept(client))).as(name).isNull();
    }

    /// A call for which 404 is an answer: there is none.
    void absent(String name, Function<SlapClient, Optional<?>> call) {
        add(name, client -> {
            assertThat(call.apply(client)).isEmpty();
            throw new SlapException(SlapException.Kind.NOT_FOUND, "said by an empty answer");
        });
    }

    private void computers() {
        add("slap/loadComputerConfigurationFromXML.formatted", c -> c.configure(configuration(COMPUTER, 2, "")));
        add("slap/loadComputerConfigurationFromXML.again", c -> c.configure(configuration(COMPUTER, 2, "")));
        add("slap/loadComputerConfigurationFromXML.routed", c -> c.configure(configuration(COMPUTER, 1, "10.9.0")));
        add(
                "slap/loadComputerConfigurationFromXML.other",
                c -> c.configure(new ComputerConfiguration(
                        new ComputerId("COMP-2"), "2001:db8:1::1", "ffff:ffff:ffff::", facts(), List.of())));
        add(
                "slap/requestComputer.new",
                c -> assertThat(c.requestComputer("machine", Optional.empty())).isEqualTo(COMPUTER));
        add(
                "slap/requestComputer.again",
                c -> assertThat(c.requestComputer("machine", Optional.empty())).isEqualTo(COMPUTER));
        add(
                "slap/requestComputer.second",
                c -> assertThat(c.requestComputer("machine 2 é", Optional.empty()))
                        .isEqualTo(new ComputerId("COMP-2")));
        for (var outcome : List.of("byNode", "byNobody")) {
            add("slap/requestComputer." + outcome, c -> c.requestComputer("machine", Optional.empty()));
        }
        add(
                "slap/generateComputerCertificate.new",
                c -> assertThat(c.generateCertificate(COMPUTER)).isEqualTo(PAIR));
        add("slap/generateComputerCertificate.active", c -> c.generateCertificate(COMPUTER));
        add("slap/revokeComputerCertificate.revoked", c -> c.revokeCertificate(COMPUTER));
        add("slap/revokeComputerCertificate.nothing", c -> c.revokeCertificate(COMPUTER));
        add("slap/computerBang.banged", c -> c.bang(COMPUTER, "disk replaced"));
        add(
                "slap/getHateoasUrl.configured",
                c -> assertThat(c.hypermediaUrl()).contains(URI.create(Blanks.sample("url"))));
        absent("slap/getRunId.unknown", c -> c.runId());
        status("slap/getComputerStatus.silent", c -> c.status(COMPUTER), "#error no data found for COMP-1", 2, 2);
        status("slap/getComputerStatus.contacted", c -> c.status(COMPUTER), "#access COMP-1", 2, 2);
        status("slap/getComputerStatus.banged", c -> c.status(COMPUTER), "#error bang: disk replaced", 4, 4);
        absent("slap/getComputerStatus.unknown", c -> c.status(new ComputerId("COMP-9")));
        add("slap/getFullComputerInformation.free", c -> read(c, "", List.of(free(0), free(1)), List.of()));
        for (var reader : List.of("placed", "byOwner")) {
            add("slap/getFullComputerInformation." + reader, c -> read(c, "", List.of(blog(3), free(1)), supplied()));
        }
        add(
                "slap/getFullComputerInformation.unchanged",
                c -> assertThat(c.computerInformation(COMPUTER, Blanks.sample("etag")))
                        .isEqualTo(new SlapClient.Conditional.Unchanged()));
        add(
                "slap/getFullComputerInformation.started",
                c -> read(c, "", List.of(blog(3, RequestedState.STARTED, "#access"), free(1)), supplied()));
        add(
                "slap/getFullComputerInformation.destroyed",
                c -> read(c, "", List.of(blog(4, RequestedState.DESTROYED, ""), free(1)), supplied()));
        add("slap/getFullComputerInformation.shared", c -> {
            var information = (SlapClient.Conditional.Changed) c.computerInformation(COMPUTER, "");
            var host =
                    information.information().partitions().getFirst().instance().orElseThrow();
            assertThat(host.sharedInstances())
                    .containsExactly(Map.of(
                            "domain", "shop.example",
                            "slap_software_type", "default",
                            "slave_reference", "SOFTINST-2",
                            "slave_title", "shop",
                            "timestamp", minute(4)));
        });
        add(
                "slap/getFullComputerInformation.byInstance",
                c -> assertThat(c.computerInformation(COMPUTER, ""))
                        .isEqualTo(new SlapClient.Conditional.Changed(
                                new ComputerInformation(COMPUTER, List.of(blog(3)), List.of()), "")));
        add(
                "slap/getFullComputerInformation.removing",
                c -> read(
                        c,
                        "",
                        List.of(free(0), free(1)),
                        List.of(new SoftwareInformation(WP, SoftwareState.DESTROYED))));
        add("slap/getFullComputerInformation.byOther", c -> c.computerInformation(new ComputerId("COMP-2"), ""));
        add("slap/getFullComputerInformation.byNobody", c -> c.computerInformation(COMPUTER, ""));
    }

    private void software() {
        add("slap/supplySupply.available", c -> c.supply(WP, COMPUTER, SoftwareState.AVAILABLE));
        add("slap/supplySupply.byNode", c -> c.supply(WP, COMPUTER, SoftwareState.AVAILABLE));
        add("slap/supplySupply.destroyed", c -> c.supply(WP, COMPUTER, SoftwareState.DESTROYED));
        add("slap/supplySupply.destroyedUnknown", c -> c.supply(WP, COMPUTER, SoftwareState.DESTROYED));
        add("slap/supplySupply.unknownComputer", c -> c.supply(WP, new ComputerId("COMP-9"), SoftwareState.AVAILABLE));
        add(
                "slap/getSoftwareReleaseListFromSoftwareProduct.unknown",
                c -> assertThat(c.softwareReleases("unheard-of", Optional.empty()))
                        .isEmpty());
        add(
                "slap/getSoftwareReleaseListFromSoftwareProduct.ofRelease",
                c -> assertThat(c.softwareReleasesBeside(WP, Optional.empty())).containsExactly(WP));
        status(
                "slap/getSoftwareInstallationStatus.building",
                c -> c.status(COMPUTER, WP),
                "#building software release " + WP,
                3,
                3);
        status(
                "slap/getSoftwareInstallationStatus.available",
                c -> c.status(COMPUTER, WP),
                "#access software release " + WP + " available",
                4,
                4);
        status(
                "slap/getSoftwareInstallationStatus.failed",
                c -> c.status(COMPUTER, WP),
                "#error while installing " + WP,
                4,
                4);
        absent("slap/getSoftwareInstallationStatus.unknown", c -> c.status(COMPUTER, WP));
        for (var outcome : List.of("recorded", "unknown", "byOwner")) {
            add("slap/buildingSoftwareRelease." + outcome, c -> c.report(COMPUTER, WP, SoftwareReport.BUILDING));
        }
        for (var outcome : List.of("recorded", "unknown")) {
            add("slap/availableSoftwareRelease." + outcome, c -> c.report(COMPUTER, WP, SoftwareReport.AVAILABLE));
        }
        for (var outcome : List.of("recorded", "unknown", "unasked")) {
            add("slap/destroyedSoftwareRelease." + outcome, c -> c.report(COMPUTER, WP, SoftwareReport.DESTROYED));
        }
        add("slap/softwareReleaseError.recorded", c -> c.softwareError(COMPUTER, WP, "gcc: not found & <é>"));
        add("slap/softwareReleaseError.unknown", c -> c.softwareError(COMPUTER, WP, "x"));
    }

    private void requests() {
        var blog = wanted("blog", BLOG, HERE);
        var placed = instance("blog", "SOFTINST-1", 3, BLOG, HERE);
        request("placed", blog, placed);
        request("again", blog, placed);
        request("published", blog, with(placed, PUBLISHED, placed.state(), ""));
        request(
                "changed",
                wanted("blog", Map.of("_", "{}"), HERE),
                instance("blog", "SOFTINST-1", 4, Map.of("_", "{}"), HERE));
        request(
                "stopped",
                in(blog, Optional.of(RequestedState.STOPPED)),
                with(instance("blog", "SOFTINST-1", 4, BLOG, HERE), Map.of(), RequestedState.STOPPED, ""));
        request(
                "stateless",
                in(wanted("blog"), Optional.empty()),
                instance("blog", "SOFTINST-1", 3, Map.of(), Map.of()));
        request("child", child(Map.of("disk", "10")), db(4, Map.of("disk", "10"), RequestedState.STARTED));
        request("childOfStopped", child(Map.of()), db(5, Map.of(), RequestedState.STOPPED));
        request("shared", shop(), instance("shop", "SOFTINST-2", 4, SHOP, Map.of()));
        var shop = instance("shop", "SOFTINST-2", 4, SHOP, Map.of());
        request("sharedPublished", shop(), with(shop, SITE, shop.state(), ""));
        notReady("destroyed", in(blog, Optional.of(RequestedState.DESTROYED)));
        notReady("destroyedUnknown", in(wanted("blog"), Optional.of(RequestedState.DESTROYED)));
        notReady("waiting", wanted("blog"));
        notReady("full", wanted("third"));
        notReady("sharedWaiting", shop());
        add(
                "slap/requestComputerPartition.rootTitle",
                c -> c.request(Values.from("blog", BLOG, HERE, COMPUTER, FIRST)));
        add(
                "slap/requestComputerPartition.fromUnknown",
                c -> c.request(Values.from("db", Map.of(), Map.of(), COMPUTER, new PartitionId("slappart9"))));
        add("slap/requestComputerPartition.sharedToPlain", c -> c.request(wanted("shop", SHOP, Map.of())));
        add(
                "slap/requestComputerPartition.unknownCondition",
                c -> c.request(wanted("blog", Map.of(), Map.of("computer_giud", "COMP-1"))));
        add("slap/requestComputerPartition.byNobody", c -> c.request(blog));
    }

    private void request(String which, InstanceRequest wanted, InstanceInformation expected) {
        add(
                "slap/requestComputerPartition." + which,
                c -> assertThat(c.request(wanted)).isEqualTo(new SlapClient.RequestAnswer.Placed(expected)));
    }

    private void notReady(String which, InstanceRequest wanted) {
        add(
                "slap/requestComputerPartition." + which,
                c -> assertThat(c.request(wanted))
                        .isEqualTo(new SlapClient.RequestAnswer.NotReady(Blanks.sample("reason"))));
    }

    private void partitions() {
        partition("placed", FIRST, blog(3));
        partition("free", SECOND, free(1));
        partition("freed", FIRST, free(0));
        partition("banged", FIRST, blog(4, RequestedState.STARTED, "#error bang called: restarted & <é>"));
        partition("child", SECOND, held(db(4, Map.of("disk", "10"), RequestedState.STARTED)));
        add("slap/registerComputerPartition.unknown", c -> c.partition(COMPUTER, new PartitionId("slappart9")));
        add(
                "slap/getComputerPartitionCertificate.placed",
                c -> assertThat(c.partitionCertificate(COMPUTER, FIRST)).isEqualTo(PAIR));
        add("slap/getComputerPartitionCertificate.free", c -> c.partitionCertificate(COMPUTER, SECOND));
        add(
                "slap/getHostingSubscriptionIpList.tree",
                c -> assertThat(c.treeAddresses(COMPUTER, FIRST))
                        .contains(Stream.concat(addresses(0).stream(), addresses(1).stream())
                                .toList()));
        add(
                "slap/getHostingSubscriptionIpList.destroyed",
                c -> assertThat(c.treeAddresses(COMPUTER, FIRST)).contains(List.of()));
        absent("slap/getHostingSubscriptionIpList.free", c -> c.treeAddresses(COMPUTER, SECOND));
        status(
                "slap/getComputerPartitionStatus.silent",
                c -> c.status(COMPUTER, FIRST),
                "#error no data found for SOFTINST-1",
                4,
                4);
        status(
                "slap/getComputerPartitionStatus.started",
                c -> c.status(COMPUTER, FIRST),
                "#access Instance correctly started",
                4,
                4);
        status(
                "slap/getComputerPartitionStatus.again",
                c -> c.status(COMPUTER, FIRST),
                "#access Instance correctly started",
                5,
                4);
        status(
                "slap/getComputerPartitionStatus.failed",
                c -> c.status(COMPUTER, FIRST),
                "#error while instanciating: " + "0123456789".repeat(8),
                5,
                5);
        for (var outcome : List.of("published", "again")) {
            add("slap/setComputerPartitionConnectionXml." + outcome, c -> c.connection(COMPUTER, FIRST, PUBLISHED));
        }
        add(
                "slap/setComputerPartitionConnectionXml.json",
                c -> c.connection(COMPUTER, FIRST, Map.of("_", "{\"url\": \"http://10.0.0.2/?a=1&b=<é>\"}")));
        add("slap/setComputerPartitionConnectionXml.free", c -> c.connection(COMPUTER, SECOND, Map.of()));
    }

    private void shared() {
        add("slap/setComputerPartitionConnectionXml.shared", c -> c.connection(COMPUTER, FIRST, "SOFTINST-2", SITE));
        add(
                "slap/setComputerPartitionConnectionXml.unknownShared",
                c -> c.connection(COMPUTER, FIRST, "SOFTINST-9", Map.of()));
        add("slap/softwareInstanceError.shared", c -> c.instanceError(COMPUTER, FIRST, "SOFTINST-2", "no such domain"));
        add("slap/softwareInstanceError.unknownShared", c -> c.instanceError(COMPUTER, FIRST, "SOFTINST-9", "x"));
    }

    private void partition(String which, PartitionId partition, PartitionInformation expected) {
        add(
                "slap/registerComputerPartition." + which,
                c -> assertThat(c.partition(COMPUTER, partition)).isEqualTo(expected));
    }

    private void reports() {
        for (var outcome : List.of("recorded", "again", "byOther", "free")) {
            add(
                    "slap/startedComputerPartition." + outcome,
                    c -> c.report(COMPUTER, outcome.equals("free") ? SECOND : FIRST, InstanceReport.STARTED));
        }
        add("slap/stoppedComputerPartition.recorded", c -> c.report(COMPUTER, FIRST, InstanceReport.STOPPED));
        add("slap/stoppedComputerPartition.free", c -> c.report(COMPUTER, SECOND, InstanceReport.STOPPED));
        add("slap/destroyedComputerPartition.freed", c -> c.report(COMPUTER, FIRST, InstanceReport.DESTROYED));
        add("slap/destroyedComputerPartition.unasked", c -> c.report(COMPUTER, FIRST, InstanceReport.DESTROYED));
        add("slap/destroyedComputerPartition.free", c -> c.report(COMPUTER, SECOND, InstanceReport.DESTROYED));
        add("slap/softwareInstanceError.recorded", c -> c.instanceError(COMPUTER, FIRST, "0123456789".repeat(10)));
        add("slap/softwareInstanceError.free", c -> c.instanceError(COMPUTER, SECOND, "x"));
        add("slap/softwareInstanceRename.renamed", c -> c.rename(COMPUTER, FIRST, "journal"));
        add("slap/softwareInstanceRename.taken", c -> c.rename(COMPUTER, FIRST, "db"));
        add("slap/softwareInstanceRename.free", c -> c.rename(COMPUTER, SECOND, "x"));
        add(
                "slap/updateComputerPartitionRelatedInstanceList.accepted",
                c -> assertThat(c.related(COMPUTER, FIRST, List.of("db"))).isTrue());
        add("slap/softwareInstanceBang.banged", c -> c.bang(COMPUTER, FIRST, "restarted & <é>"));
        add("slap/softwareInstanceBang.free", c -> c.bang(COMPUTER, SECOND, "x"));
        for (var outcome : List.of("recorded", "again")) {
            add("slap/useComputer." + outcome, c -> c.use(COMPUTER, usage()));
        }
    }

    private void registration() {
        for (var outcome : List.of("issued", "twice")) {
            redeem("Person_getCertificate." + outcome, Blanks.sample("token"), Map.of());
        }
        for (var outcome : List.of("registered", "titleInUse", "ofOtherKind")) {
            redeem("Person_requestComputer." + outcome, Blanks.sample("token"), Map.of("title", "machine"));
        }
        redeem("Person_getCertificate.wrongToken", "guessed", Map.of());
        redeem("Person_requestComputer.wrongToken", "guessed", Map.of("title", "machine"));
    }

    private void redeem(String name, String token, Map<String, String> form) {
        calls.put("registration/" + name, (c, web) -> {
            var answer = c.redeemToken(web, name.replaceFirst("\\..*", ""), token, form);
            assertThat(answer.path("certificate").textValue()).isEqualTo(Blanks.sample("certificate"));
            assertThat(answer.path("key").textValue()).isEqualTo(Blanks.sample("key"));
        });
    }

    private void status(
            String name, Function<SlapClient, Optional<AccessStatus>> call, String text, int created, int since) {
        add(name, c -> {
            var status = call.apply(c).orElseThrow();
            assertThat(status.text()).isEqualTo(text);
            assertThat(status.createdAt()).contains(at(created));
            assertThat(status.since()).contains(at(since));
        });
    }

    private static void read(
            SlapClient client,
            String known,
            List<PartitionInformation> partitions,
            List<SoftwareInformation> software) {
        assertThat(client.computerInformation(COMPUTER, known))
                .isEqualTo(new SlapClient.Conditional.Changed(
                        new ComputerInformation(COMPUTER, partitions, software), Blanks.sample("etag")));
    }
}
