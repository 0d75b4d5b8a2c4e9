package org.slapos.protocol.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.protocol.golden.Values.BLOG;
import static org.slapos.protocol.golden.Values.FIRST;
import static org.slapos.protocol.golden.Values.PUBLISHED;
import static org.slapos.protocol.golden.Values.SECOND;
import static org.slapos.protocol.golden.Values.SHOP;
import static org.slapos.protocol.golden.Values.SITE;
import static org.slapos.protocol.golden.Values.WP;
import static org.slapos.protocol.golden.Values.addresses;
import static org.slapos.protocol.golden.Values.in;
import static org.slapos.protocol.golden.Values.shop;
import static org.slapos.protocol.golden.Values.wanted;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareInformation;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapClient.InstanceReport;
import org.slapos.protocol.client.SlapClient.SoftwareReport;

/// The calls of our client to a proxy.
final class ProxyCalls {
    private static final ComputerId LOCAL = new ComputerId("local_computer");

    private ProxyCalls() {}

    static void addTo(ClientCalls calls) {
        documents(calls);
        requests(calls);
        reports(calls);
        missing(calls);
    }

    private static void documents(ClientCalls calls) {
        calls.add(
                "proxy/loadComputerConfigurationFromXML.formatted",
                c -> c.configure(Values.configuration(LOCAL, 2, "")));
        calls.add("proxy/supplySupply.available", c -> c.supply(WP, LOCAL, SoftwareState.AVAILABLE));
        calls.add("proxy/supplySupply.destroyed", c -> c.supply(WP, LOCAL, SoftwareState.DESTROYED));
        calls.add("proxy/getFullComputerInformation.free", c -> {
            var read = read(c);
            assertThat(read.information().partitions())
                    .allSatisfy(partition -> assertThat(partition.instance()).isEmpty())
                    .hasSize(2);
            assertThat(read.information().software())
                    .containsExactly(new SoftwareInformation(WP, SoftwareState.AVAILABLE));
        });
        calls.add("proxy/getFullComputerInformation.placed", c -> {
            var partitions = read(c).information().partitions();
            assertBlog(partitions.get(0).instance().orElseThrow(), RequestedState.STARTED, Map.of());
            assertThat(partitions.get(1).instance()).isEmpty();
        });
        calls.add(
                "proxy/getFullComputerInformation.shared",
                c -> assertThat(read(c).information()
                                .partitions()
                                .getFirst()
                                .instance()
                                .orElseThrow()
                                .sharedInstances())
                        .containsExactly(Map.of(
                                "domain", "shop.example",
                                "slap_software_type", "default",
                                "slave_reference", "_shop",
                                "slave_title", "_shop")));
        calls.add("proxy/getFullComputerInformation.unknown", c -> c.computerInformation(new ComputerId("COMP-9"), ""));
        calls.add(
                "proxy/registerComputerPartition.placed",
                c -> assertBlog(c.partition(LOCAL, FIRST).instance().orElseThrow(), RequestedState.STARTED, Map.of()));
        calls.add("proxy/registerComputerPartition.unknown", c -> c.partition(LOCAL, new PartitionId("slappart9")));
        calls.add(
                "proxy/getComputerPartitionCertificate.placed",
                c -> assertThat(c.partitionCertificate(LOCAL, FIRST))
                        .isEqualTo(new SlapClient.CertificatePair("", "")));
        calls.add(
                "proxy/getSoftwareReleaseListFromSoftwareProduct.unknown",
                c -> assertThat(c.softwareReleases("unheard-of", Optional.empty()))
                        .isEmpty());
        calls.add("proxy/getRunId.constant", c -> assertThat(c.runId()).contains(Blanks.sample("runId")));
    }

    private static void requests(ClientCalls calls) {
        var blog = wanted("blog", BLOG, Map.of());
        placed(calls, "placed", blog, RequestedState.STARTED, Map.of());
        placed(calls, "published", blog, RequestedState.STARTED, PUBLISHED);
        placed(calls, "stopped", in(blog, Optional.of(RequestedState.STOPPED)), RequestedState.STOPPED, Map.of());
        placed(calls, "destroyed", in(blog, Optional.of(RequestedState.DESTROYED)), RequestedState.DESTROYED, Map.of());
        calls.add("proxy/requestComputerPartition.child", c -> {
            var child = request(c, Values.from("db", Map.of(), Map.of(), LOCAL, FIRST));
            assertThat(child.partition()).isEqualTo(SECOND);
            assertThat(child.guid()).isEqualTo("local_computer-slappart1");
        });
        calls.add("proxy/requestComputerPartition.shared", c -> {
            var shared = request(c, shop());
            assertThat(shared.partition()).isEqualTo(FIRST);
            assertThat(shared.parameters()).isEqualTo(SHOP);
            assertThat(shared.guid()).isEmpty();
        });
        calls.add("proxy/requestComputerPartition.full", c -> c.request(wanted("third")));
        calls.add("proxy/requestComputerPartition.sharedNoHost", c -> c.request(shop()));
    }

    private static void placed(
            ClientCalls calls,
            String which,
            InstanceRequest wanted,
            RequestedState state,
            Map<String, String> published) {
        calls.add("proxy/requestComputerPartition." + which, c -> assertBlog(request(c, wanted), state, published));
    }

    private static InstanceInformation request(SlapClient client, InstanceRequest wanted) {
        return ((SlapClient.RequestAnswer.Placed) client.request(wanted)).instance();
    }

    private static SlapClient.Conditional.Changed read(SlapClient client) {
        return (SlapClient.Conditional.Changed) client.computerInformation(LOCAL, "");
    }

    private static void assertBlog(InstanceInformation blog, RequestedState state, Map<String, String> published) {
        assertThat(blog.computer()).isEqualTo(LOCAL);
        assertThat(blog.partition()).isEqualTo(FIRST);
        assertThat(blog.guid()).isEqualTo("local_computer-slappart0");
        assertThat(blog.softwareRelease()).isEqualTo(WP);
        assertThat(blog.softwareType()).isEqualTo("default");
        assertThat(blog.parameters()).isEqualTo(BLOG);
        assertThat(blog.state()).isEqualTo(state);
        assertThat(blog.connection()).isEqualTo(published);
        assertThat(blog.addresses()).isEqualTo(addresses(0));
        assertThat(blog.timestamp()).isEqualTo(Blanks.sample("seconds"));
    }

    private static void reports(ClientCalls calls) {
        calls.add("proxy/buildingSoftwareRelease.ignored", c -> c.report(LOCAL, WP, SoftwareReport.BUILDING));
        calls.add("proxy/availableSoftwareRelease.ignored", c -> c.report(LOCAL, WP, SoftwareReport.AVAILABLE));
        calls.add("proxy/destroyedSoftwareRelease.recorded", c -> c.report(LOCAL, WP, SoftwareReport.DESTROYED));
        calls.add("proxy/softwareReleaseError.ignored", c -> c.softwareError(LOCAL, WP, "no gcc"));
        calls.add("proxy/startedComputerPartition.ignored", c -> c.report(LOCAL, FIRST, InstanceReport.STARTED));
        calls.add("proxy/stoppedComputerPartition.ignored", c -> c.report(LOCAL, FIRST, InstanceReport.STOPPED));
        for (var outcome : List.of("freed", "withChildren")) {
            calls.add(
                    "proxy/destroyedComputerPartition." + outcome,
                    c -> c.report(LOCAL, FIRST, InstanceReport.DESTROYED));
        }
        calls.add("proxy/softwareInstanceError.ignored", c -> c.instanceError(LOCAL, FIRST, "x"));
        calls.add("proxy/useComputer.ignored", c -> c.use(LOCAL, Values.usage()));
        calls.add("proxy/softwareInstanceBang.banged", c -> c.bang(LOCAL, FIRST, "restarted"));
        calls.add("proxy/softwareInstanceRename.renamed", c -> c.rename(LOCAL, FIRST, "journal"));
        calls.add("proxy/setComputerPartitionConnectionXml.published", c -> c.connection(LOCAL, FIRST, PUBLISHED));
        calls.add("proxy/setComputerPartitionConnectionXml.shared", c -> c.connection(LOCAL, FIRST, "_shop", SITE));
        calls.add("proxy/computerBang.ignored", c -> c.bang(LOCAL, "disk replaced"));
    }

    private static void missing(ClientCalls calls) {
        calls.absent("proxy/getHateoasUrl.missing", c -> c.hypermediaUrl());
        calls.absent("proxy/getComputerStatus.missing", c -> c.status(LOCAL));
        calls.absent("proxy/getSoftwareInstallationStatus.missing", c -> c.status(LOCAL, WP));
        calls.absent("proxy/getHostingSubscriptionIpList.missing", c -> c.treeAddresses(LOCAL, FIRST));
        calls.add("proxy/requestComputer.missing", c -> c.requestComputer("machine", Optional.empty()));
        calls.add("proxy/generateComputerCertificate.missing", c -> c.generateCertificate(LOCAL));
        calls.add("proxy/revokeComputerCertificate.missing", c -> c.revokeCertificate(LOCAL));
        calls.absent(
                "proxy/updateComputerPartitionRelatedInstanceList.missing",
                c -> c.related(LOCAL, FIRST, List.of("db")) ? Optional.of("done") : Optional.empty());
    }
}
