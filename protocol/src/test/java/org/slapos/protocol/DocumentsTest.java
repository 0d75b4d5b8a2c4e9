package org.slapos.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.MarshalWriter;

class DocumentsTest {
    private static final InstanceInformation BLOG = new InstanceInformation(
            new ComputerId("COMP-12"),
            new PartitionId("slappart0"),
            "SOFTINST-77",
            "blog",
            "blog",
            "",
            "https://soft.example/wp.cfg",
            "default",
            RequestedState.STARTED,
            Map.of("_", "{\"size\": 3}"),
            Map.of("url", "http://10.0.0.2/?a=1&b=2"),
            Map.of("computer_guid", "COMP-12"),
            List.of(List.of("slaptap0", "10.0.0.2")),
            List.of(),
            List.of(),
            "1932768000000000",
            "");

    @Test
    void aLongReasonFitsInAHeaderAndEndsInAWholeCharacter() {
        var encoded = Reason.encode("日本𝄞".repeat(1000));
        assertThat(encoded).hasSizeLessThanOrEqualTo(2000);
        assertThat("日本𝄞".repeat(1000)).startsWith(Reason.decode(encoded));
        assertThat(Reason.encode("a".repeat(3000))).hasSize(2000);
    }

    @Test
    void theAnswerToARequestIsByteForByteTheDocumentedOne() {
        assertThat(MarshalWriter.write(BLOG.toSoftwareInstance())).isEqualTo("""
                        <marshal><object id="i2" module="slapos.slap.slap" class="SoftwareInstance"><tuple/>
                        <dictionary id="i3">
                        <string>_connection_dict</string><dictionary id="i4"><string>url</string><string>http://10.0.0.2/?a=1&amp;amp;b=2</string></dictionary>
                        <string>_filter_dict</string><dictionary id="i5"><string>computer_guid</string><string>COMP-12</string></dictionary>
                        <string>_instance_guid</string><string>SOFTINST-77</string>
                        <string>_parameter_dict</string><dictionary id="i6"><string>_</string><string>{"size": 3}</string></dictionary>
                        <string>_requested_state</string><string>started</string>
                        <string>full_ip_list</string><list id="i7"/>
                        <string>instance_title</string><string>blog</string>
                        <string>ip_list</string><list id="i8"><tuple><string>slaptap0</string><string>10.0.0.2</string></tuple></list>
                        <string>root_instance_short_title</string><string></string>
                        <string>root_instance_title</string><string>blog</string>
                        <string>slap_computer_id</string><string>COMP-12</string>
                        <string>slap_computer_partition_id</string><string>slappart0</string>
                        <string>slap_software_release_url</string><string>https://soft.example/wp.cfg</string>
                        <string>slap_software_type</string><string>default</string>
                        <string>slave_instance_list</string><list id="i9"/>
                        <string>timestamp</string><int>1932768000000000</int>
                        </dictionary></object></marshal>
                        """.replace("\n", ""));
    }

    @Test
    void aComputerKeepsItsPartitionsAndSoftwareOverTheWire() {
        var computer = new ComputerInformation(
                new ComputerId("COMP-12"),
                List.of(
                        new PartitionInformation(
                                new ComputerId("COMP-12"), new PartitionId("slappart0"), Optional.of(BLOG)),
                        new PartitionInformation(
                                new ComputerId("COMP-12"), new PartitionId("slappart1"), Optional.empty())),
                List.of(new SoftwareInformation("https://soft.example/wp.cfg", SoftwareState.AVAILABLE)));
        assertThat(ComputerInformation.read(computer.write())).isEqualTo(computer);
    }

    @Test
    void aPartitionInAnUnknownStateHoldsUpNoneOfTheOthers() {
        var id = new ComputerId("COMP-12");
        var computer = new ComputerInformation(
                id,
                List.of(
                        new PartitionInformation(id, new PartitionId("slappart0"), Optional.of(BLOG)),
                        new PartitionInformation(id, new PartitionId("slappart1"), Optional.empty())),
                List.of());
        var document = new String(computer.write(), StandardCharsets.UTF_8)
                .replace("<string>started</string>", "<string>hibernated</string>");
        var read = ComputerInformation.read(document.getBytes(StandardCharsets.UTF_8));
        assertThat(read.partitions()).isEqualTo(computer.partitions().subList(1, 2));
        assertThat(read.unreadable()).singleElement().asString().contains("slappart0", "hibernated");
    }

    @Test
    void theTimestampOfAProxyIsKeptAsText() {
        var fromProxy = MarshalReader.read("""
                <marshal><object id="i2" module="slapos.slap.slap" class="ComputerPartition">
                <tuple><string>c</string><string>p</string><none/></tuple><dictionary id="i3">
                <string>_computer_id</string><string>c</string><string>_partition_id</string><string>p</string>
                <string>_requested_state</string><string>started</string>
                <string>_software_release_document</string><string>http://x/y.cfg</string>
                <string>_parameter_dict</string><dictionary id="i4"><string>timestamp</string><string>1795362990.9390645</string>
                </dictionary></dictionary></object></marshal>""");
        var instance = InstanceInformation.ofComputerPartition(fromProxy);
        assertThat(instance.timestamp()).isEqualTo("1795362990.9390645");
        assertThat(instance.softwareRelease()).isEqualTo("http://x/y.cfg");
    }

    @Test
    void aRequestKeepsItsFieldsOverAForm() {
        var request = new InstanceRequest(
                "https://soft.example/wp.cfg?a=1&b=2",
                "default",
                "blog é",
                false,
                Map.of("_", "{\"size\": 3}", "text", "a & <b>"),
                Map.of("computer_guid", "COMP-12"),
                Optional.of(RequestedState.STOPPED),
                Optional.of(new InstanceRequest.From(new ComputerId("COMP-1"), new PartitionId("slappart9"))),
                Optional.empty());
        assertThat(InstanceRequest.of(Form.parse(request.toForm().encode()))).isEqualTo(request);
    }

    @Test
    void theWordNoneIsAnAbsentField() {
        var form = Form.parse("slave_reference=None&state=%3Cmarshal%3E%3Cnone%2F%3E%3C%2Fmarshal%3E"
                + "&software_release=http%3A%2F%2Fx%2Fy.cfg&partition_reference=blog");
        assertThat(form.get("slave_reference")).isEmpty();
        assertThat(InstanceRequest.of(form).state()).isEmpty();
    }

    @Test
    void instanceParametersSurviveTheirXml() {
        var parameters =
                Map.of("url", "https://[2001:db8::5]/?a=1&b=\"2\"", "lines", "a\nb\tc", "empty", "", "é<&>", "ü");
        assertThat(InstanceXml.read(InstanceXml.write(parameters))).isEqualTo(parameters);
        assertThat(InstanceXml.write(Map.of("b", "1", "a", ""))).isEqualTo("""
                        <?xml version='1.0' encoding='utf-8'?>
                        <instance>
                          <parameter id="a"/>
                          <parameter id="b">1</parameter>
                        </instance>
                        """);
    }

    @Test
    void theCapacityOfAComputerSurvivesTheWire() {
        var configuration = new ComputerConfiguration(
                new ComputerId("COMP-12"),
                "2001:db8:1::1",
                "ffff:ffff:ffff::",
                Map.of("slapos_version", "1.24.0", "os_type", "[\"Linux-6.1\", \"debian\"]"),
                List.of(new ComputerConfiguration.Partition(
                        new PartitionId("slappart0"),
                        "/srv/slapgrid/slappart0",
                        "slapuser0",
                        List.of(
                                new ComputerConfiguration.Address("10.0.0.2", "255.255.255.255"),
                                new ComputerConfiguration.Address("2001:db8:1::2", "ffff:ffff:ffff::")),
                        ComputerConfiguration.Tap.named("slaptap0"),
                        List.of("gpu"),
                        new ComputerConfiguration.Extras(
                                Optional.of(new ComputerConfiguration.Range(
                                        "2001:db8:1:0:4001::",
                                        "ffff:ffff:ffff:ffff:ffff::",
                                        "2001:db8:1:0:4001::/80",
                                        80)),
                                Optional.of(new ComputerConfiguration.Link(
                                        "2001:db8:1:0:8001:ffff:ffff:ffff",
                                        "ffff:ffff:ffff:ffff:ffff::",
                                        "2001:db8:1:0:8001::1",
                                        "2001:db8:1:0:8001::/80")),
                                Optional.of(new ComputerConfiguration.Tun(
                                        "slaptun0",
                                        Optional.of(new ComputerConfiguration.Link(
                                                "172.16.0.1", "255.255.0.0", "", "172.16.0.0/16")),
                                        Optional.empty())),
                                List.of("/disks/data1/slappart0")))));
        var wire = MarshalWriter.write(configuration.toValue());
        assertThat(ComputerConfiguration.of(MarshalReader.read(wire))).isEqualTo(configuration);
    }

    @Test
    void aUsageReportIsReadBackAndItsOrderIsChecked() {
        var report = new UsageReport(
                "Eco Information for COMP-42",
                "2026-02-03 00:00:00",
                "2026-02-03 23:59:59",
                "2026-02-03-global",
                List.of(new UsageReport.Movement("service_module/disk_used", "Disk <&>", "slapuser3", 512.25)));
        assertThat(UsageReport.read(report.write())).isEqualTo(report);

        var swapped = new String(report.write(), StandardCharsets.UTF_8)
                .replaceFirst("(?s)(<start_date>.*?</start_date>)(\\s*)(<stop_date>.*?</stop_date>)", "$3$2$1");
        assertThatThrownBy(() -> UsageReport.read(swapped.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("start_date");
    }

    @Test
    void aReasonTravelsInAHeader() {
        var reason = "No free ComputerPartition: 8 of 8 in use, 100% full\n(é)";
        assertThat(Reason.encode(reason)).matches("[ -~]+");
        assertThat(Reason.decode(Reason.encode(reason))).isEqualTo(reason);
    }

    @Test
    void referencesThatCouldBeAPathAreRefused() {
        for (var bad : List.of("", "..", "a/b", "a b", "a,b", "x".repeat(201))) {
            assertThatThrownBy(() -> new PartitionId(bad)).isInstanceOf(MalformedException.class);
        }
    }
}
