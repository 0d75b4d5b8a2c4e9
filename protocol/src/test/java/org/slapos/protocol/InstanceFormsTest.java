package org.slapos.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slapos.protocol.marshal.MarshalReader;

/// Instances as a Master and as a proxy describe them, and the XML their parameters are stored in.
class InstanceFormsTest {
    private static final String IDS = "<string>slap_computer_id</string><string>c</string>"
            + "<string>slap_computer_partition_id</string><string>p</string>";

    @ParameterizedTest
    @CsvSource({
        "<int>1932768000000000</int>, 1932768000000000",
        "<float>1795362990.9390645</float>, 1795362990.9390645",
        "<string>1795362990.9390645</string>, 1795362990.9390645",
        "<long>1932768000000000</long>, 1932768000000000",
        "<none/>, ''"
    })
    void aTimestampIsKeptAsTextWhateverItsForm(String wire, String text) {
        assertThat(answer(IDS + "<string>timestamp</string>" + wire).timestamp())
                .isEqualTo(text);
        assertThat(answer(IDS + "<string>_parameter_dict</string><dictionary><string>timestamp</string>" + wire
                                + "</dictionary>")
                        .timestamp())
                .isEqualTo(text);
    }

    @Test
    void aSharedInstanceOfAProxyHasNoStateAndNoGuid() {
        var shared = answer(IDS);
        assertThat(shared.state()).isEqualTo(RequestedState.STARTED);
        assertThat(shared.guid()).isEmpty();
        assertThat(shared.timestamp()).isEmpty();
    }

    @Test
    void connectionXmlCountsWhenThereIsNoDictionary() {
        var xml = "<string>connection_xml</string><string>&amp;lt;instance&amp;gt;&amp;lt;parameter id=\"url\"&amp;gt;u"
                + "&amp;lt;/parameter&amp;gt;&amp;lt;/instance&amp;gt;</string>";
        assertThat(answer(IDS + "<string>_connection_dict</string><none/>" + xml)
                        .connection())
                .isEqualTo(Map.of("url", "u"));
        assertThat(answer(IDS + "<string>_connection_dict</string><dictionary/>" + xml)
                        .connection())
                .isEmpty();
    }

    @Test
    void aComputerPartitionIsAnAnswerToo() {
        var forwarded = InstanceInformation.ofRequestAnswer(
                partition(
                        "c",
                        "p",
                        "<string>_master_url</string>"
                                + "<string>https://other/</string><string>_software_release_document</string><string>http://x</string>"));
        assertThat(forwarded.softwareRelease()).isEqualTo("http://x");
        assertThat(forwarded.partition()).isEqualTo(new PartitionId("p"));
    }

    @Test
    void whatAProxyAnswersByItselfCanBeRead() {
        var bypass = InstanceInformation.ofRequestAnswer(partition(
                "",
                "Fake frontend for http://10.0.0.1:80/",
                "<string>_connection_dict</string><dictionary>"
                        + "<string>secure_access</string><string>http://10.0.0.1:80/</string></dictionary>"));
        assertThat(bypass.connection()).isEqualTo(Map.of("secure_access", "http://10.0.0.1:80/"));
        assertThat(bypass.partition().text()).isEqualTo("Fake_frontend_for_http:_10.0.0.1:80_");
    }

    @Test
    void aFreePartitionNeedsNothingButItsIds() {
        assertThat(PartitionInformation.of(partition("c", "p", "")).instance()).isEmpty();
    }

    @Test
    void parametersOfSharedInstancesKeepTheTextOfTheirTypes() {
        var host =
                answer(IDS + "<string>slave_instance_list</string><list><dictionary><string>port</string><int>80</int>"
                        + "<string>on</string><bool>1</bool><string>tags</string><list><string>a</string></list>"
                        + "<string>nothing</string><none/></dictionary></list>");
        assertThat(host.sharedInstances())
                .containsExactly(Map.of("port", "80", "on", "True", "tags", "['a']", "nothing", ""));
    }

    @Test
    void parametersThatAreNoTextAreStoredAsPythonShowsThem() {
        var form = Form.parse("software_release=http://x&partition_reference=r&partition_parameter_xml="
                + java.net.URLEncoder.encode(
                        "<marshal><dictionary><string>a</string><bool>1</bool><string>b</string><none/>"
                                + "<string>c</string><float>1.0</float><string>d</string><dictionary><string>x</string>"
                                + "<list><int>1</int></list></dictionary></dictionary></marshal>",
                        java.nio.charset.StandardCharsets.UTF_8));
        assertThat(InstanceRequest.of(form).parameters())
                .isEqualTo(Map.of("a", "True", "b", "None", "c", "1.0", "d", "{'x': [1]}"));
    }

    @ParameterizedTest
    @CsvSource({
        "'', ''",
        "<instance/>, ''",
        "<instance><parameter id='a'/></instance>, a=",
        "<instance><parameter id='a'>1</parameter><parameter id='a'>2</parameter></instance>, a=1 2",
        "<instance><parameter id='a'/><parameter id='a'>2</parameter></instance>, a=2",
        "<instance><other><parameter id='b'>1</parameter></other><parameter id='a'>1</parameter></instance>, a=1",
        "<instance><parameter id='a'>1<b>2</b>3</parameter></instance>, a=1",
        "<instance> <parameter id='a'> 1 </parameter> </instance>, 'a= 1 '"
    })
    void instanceXmlIsReadAsTheFieldWritesIt(String document, String expected) {
        var parameters = InstanceXml.read(document);
        assertThat(parameters)
                .isEqualTo(
                        expected.isEmpty() ? Map.of() : Map.of(expected.split("=", 2)[0], expected.split("=", 2)[1]));
    }

    @Test
    void instanceXmlWithoutIdOrTooDeepIsRefused() {
        for (var bad : List.of(
                "<instance><parameter>1</parameter></instance>",
                "<instance>" + "<x>".repeat(1000) + "</x>".repeat(1000) + "</instance>",
                "<other/>",
                "<!DOCTYPE instance><instance/>")) {
            assertThatThrownBy(() -> InstanceXml.read(bad)).isInstanceOf(MalformedException.class);
        }
    }

    private static InstanceInformation answer(String attributes) {
        return InstanceInformation.ofRequestAnswer(
                MarshalReader.read("<marshal><object module='slapos.slap.slap' class='SoftwareInstance'><tuple/>"
                        + "<dictionary>" + attributes + "</dictionary></object></marshal>"));
    }

    private static org.slapos.protocol.marshal.Value partition(String computer, String partition, String attributes) {
        return MarshalReader.read("<marshal><object module='slapos.slap.slap' class='ComputerPartition'><tuple><string>"
                + computer + "</string><string>" + partition + "</string><none/></tuple><dictionary>"
                + "<string>_computer_id</string><string>" + computer + "</string><string>_partition_id</string><string>"
                + partition + "</string>" + attributes + "</dictionary></object></marshal>");
    }
}
