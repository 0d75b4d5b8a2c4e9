package org.slapos.protocol.golden;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.PartitionInformation;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareInformation;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.UsageReport;

/// What the conversations speak of, as our types have it.
final class Values {
    static final String WP = "https://soft.example/wp.cfg";
    static final ComputerId COMPUTER = new ComputerId("COMP-1");
    static final PartitionId FIRST = new PartitionId("slappart0");
    static final PartitionId SECOND = new PartitionId("slappart1");
    static final Map<String, String> BLOG = Map.of("_", "{\"size\": 3, \"note\": \"a & <b> é\"}");
    static final Map<String, String> HERE = Map.of("computer_guid", "COMP-1");
    static final Map<String, String> SHOP = Map.of("domain", "shop.example");
    static final Map<String, String> PUBLISHED =
            Map.of("url", "http://[2001:db8:1::2]:8080/?a=1&b=<é>", "_", "{\"user\": \"x\"}");
    static final Map<String, String> SITE = Map.of("site", "https://shop.example/");

    private Values() {}

    static ComputerConfiguration configuration(ComputerId computer, int partitions, String routed) {
        return new ComputerConfiguration(
                computer,
                "2001:db8:1::1",
                "ffff:ffff:ffff::",
                facts(),
                IntStream.range(0, partitions)
                        .mapToObj(i -> new ComputerConfiguration.Partition(
                                new PartitionId("slappart" + i),
                                "/srv/slapgrid/slappart" + i,
                                "slapuser" + i,
                                List.of(
                                        new ComputerConfiguration.Address("10.0.0." + (i + 2), "255.255.255.255"),
                                        new ComputerConfiguration.Address(
                                                "2001:db8:1::" + (i + 2), "ffff:ffff:ffff::")),
                                routed.isEmpty()
                                        ? ComputerConfiguration.Tap.named("slaptap" + i)
                                        : new ComputerConfiguration.Tap(
                                                "slaptap" + i,
                                                routed + ".2",
                                                "255.255.0.0",
                                                routed + ".1",
                                                routed + ".0"),
                                List.of()))
                        .toList());
    }

    static Map<String, String> facts() {
        return Map.of("slapos_version", "1.24.0", "os_type", "[\"Linux-6.1\", \"debian\", \"12\", \"Debian\"]");
    }

    static List<List<String>> addresses(int partition) {
        return List.of(
                List.of("slaptap" + partition, "10.0.0." + (partition + 2)),
                List.of("slaptap" + partition, "2001:db8:1::" + (partition + 2)));
    }

    static Instant at(int minute) {
        return Instant.parse("2031-04-01T08:00:00Z").plus(Duration.ofMinutes(minute));
    }

    static String minute(int minute) {
        return at(minute).getEpochSecond() + "000000";
    }

    static InstanceRequest wanted(String title) {
        return wanted(title, Map.of(), Map.of());
    }

    static InstanceRequest wanted(String title, Map<String, String> parameters, Map<String, String> conditions) {
        return request(title, parameters, conditions, false, RequestedState.STARTED, Optional.empty());
    }

    static InstanceRequest in(InstanceRequest wanted, Optional<RequestedState> state) {
        return new InstanceRequest(
                wanted.softwareRelease(),
                wanted.softwareType(),
                wanted.reference(),
                wanted.shared(),
                wanted.parameters(),
                wanted.filter(),
                state,
                wanted.from(),
                wanted.project());
    }

    static InstanceRequest shop() {
        return request("shop", SHOP, Map.of(), true, RequestedState.STARTED, Optional.empty());
    }

    static InstanceRequest child(Map<String, String> parameters) {
        return from("db", parameters, Map.of(), COMPUTER, FIRST);
    }

    static InstanceRequest from(
            String title,
            Map<String, String> parameters,
            Map<String, String> conditions,
            ComputerId computer,
            PartitionId partition) {
        return request(
                title,
                parameters,
                conditions,
                false,
                RequestedState.STARTED,
                Optional.of(new InstanceRequest.From(computer, partition)));
    }

    static InstanceRequest request(
            String title,
            Map<String, String> parameters,
            Map<String, String> conditions,
            boolean shared,
            RequestedState state,
            Optional<InstanceRequest.From> from) {
        return new InstanceRequest(
                WP, "default", title, shared, parameters, conditions, Optional.of(state), from, Optional.empty());
    }

    static InstanceInformation instance(
            String title, String guid, int minute, Map<String, String> parameters, Map<String, String> conditions) {
        return information(
                title, guid, FIRST, title, parameters, conditions, addresses(0), minute, RequestedState.STARTED);
    }

    static InstanceInformation db(int minute, Map<String, String> parameters, RequestedState state) {
        return information("db", "SOFTINST-2", SECOND, "blog", parameters, Map.of(), addresses(1), minute, state);
    }

    static InstanceInformation information(
            String title,
            String guid,
            PartitionId partition,
            String root,
            Map<String, String> parameters,
            Map<String, String> conditions,
            List<List<String>> addresses,
            int minute,
            RequestedState state) {
        return new InstanceInformation(
                COMPUTER,
                partition,
                guid,
                title,
                root,
                "",
                WP,
                "default",
                state,
                parameters,
                Map.of(),
                conditions,
                addresses,
                List.of(),
                List.of(),
                minute(minute),
                "");
    }

    static InstanceInformation with(
            InstanceInformation of, Map<String, String> published, RequestedState state, String status) {
        return new InstanceInformation(
                of.computer(),
                of.partition(),
                of.guid(),
                of.title(),
                of.rootTitle(),
                of.rootShortTitle(),
                of.softwareRelease(),
                of.softwareType(),
                state,
                of.parameters(),
                published,
                of.filter(),
                of.addresses(),
                of.routedAddresses(),
                of.sharedInstances(),
                of.timestamp(),
                status);
    }

    static PartitionInformation held(InstanceInformation instance) {
        return new PartitionInformation(COMPUTER, instance.partition(), Optional.of(instance));
    }

    static PartitionInformation blog(int minute) {
        return blog(minute, RequestedState.STARTED, "");
    }

    static PartitionInformation blog(int minute, RequestedState state, String status) {
        return held(with(instance("blog", "SOFTINST-1", minute, BLOG, HERE), Map.of(), state, status));
    }

    static PartitionInformation free(int partition) {
        return new PartitionInformation(COMPUTER, new PartitionId("slappart" + partition), Optional.empty());
    }

    static List<SoftwareInformation> supplied() {
        return List.of(new SoftwareInformation(WP, SoftwareState.AVAILABLE));
    }

    static UsageReport usage() {
        return new UsageReport(
                "Resource consumptions",
                "2031-03-31 00:00:00",
                "2031-03-31 23:59:59",
                "2031-03-31-global",
                List.of(new UsageReport.Movement(
                        "service_module/cpu_load_percent", "CPU of slapuser0", "slapuser0", 12.75)));
    }
}
