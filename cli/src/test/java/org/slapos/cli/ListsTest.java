package org.slapos.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slapos.cli.verbs.Session;
import org.slapos.cli.verbs.Time;

/// What one has, in the words that scripts of the field read, and in the forms of `-o`.
class ListsTest {
    private static final String URL = "https://cloud.example/software/hello/software.cfg";

    private static final String ROWS = """
            {"_embedded": {"contents": [
                {"title": "hello", "url_string": "%s", "relative_url": "instance_tree_module/7",
                 "slap_state": "start_requested", "computer_reference": "COMP-1", "partition_reference": "slappart0",
                 "news": {"instance": [{"text": "#access Instance correctly started"}]}},
                {"title": "caf\u00e9", "url_string": "https://b.example/s.cfg"}]}}
            """.formatted(URL);

    private static final String FORM = """
            {"_embedded": {"_view": {
               "form_id": {"key": "form_id", "default": "InstanceTree_viewAsHateoas", "type": "StringField"},
               "my_slap_state": {"default": "start_requested", "type": "StringField"},
               "my_source_reference": {"default": "default", "type": "StringField"},
               "my_root_slave": {"default": 0, "type": "IntegerField"},
               "my_url_string": {"default": "%s", "type": "StringField"},
               "my_text_content": {"type": "TextAreaField",
                  "default": "<?xml version='1.0' encoding='utf-8'?><instance><parameter id='size'>3</parameter></instance>"},
               "my_hidden": {"default": "no such field", "type": "ListBox"},
               "my_news": {"default": {"instance": [{"text": "#access ok"}, {"text": "#error disk full"}]},
                           "type": "StringField"},
               "my_connection_parameter_list": {"type": "StringField",
                  "default": [{"connection_key": "_", "connection_value": "{\\"url\\": \\"http://[::1]/\\"}"}]}}},
             "_links": {"type": {"name": "Instance Tree"}}}
            """.formatted(URL);

    @TempDir
    private Path folder;

    private LoopbackMaster master;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void open() throws IOException {
        master = new LoopbackMaster().hasHypermedia();
        Files.writeString(folder.resolve("client.cfg"), "[slapos]\nmaster_url = " + master.url() + "/slap\n");
    }

    @AfterEach
    void close() {
        master.close();
    }

    private int slapos(String... arguments) {
        return slapos(Time.REAL, false, arguments);
    }

    private int slapos(Time time, boolean terminal, String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        var environment = Map.of(
                "SLAPOS_CLIENT_CONFIGURATION", folder.resolve("client.cfg").toString());
        return Main.run(
                new Session(
                        environment,
                        InputStream.nullInputStream(),
                        new PrintWriter(out),
                        new PrintWriter(err),
                        _ -> terminal,
                        time),
                arguments);
    }

    @Test
    @Tag("checklist:CL-13")
    void servicesAreOneSearchAndOneObject() {
        master.answers("hateoas search", ROWS);

        assertThat(slapos("service", "list")).as(err.toString()).isZero();

        assertThat(out.toString()).isEqualTo("""
                {
                  "caf\\u00e9": "https://b.example/s.cfg",
                  "hello": "%s"
                }
                """.formatted(URL));
        assertThat(err.toString()).isEmpty();
        assertThat(master.received())
                .extracting(LoopbackMaster.Received::method)
                .containsExactly("getHateoasUrl", "hateoas root", "hateoas search");
        assertThat(master.received().getLast().query())
                .contains("query=portal_type:\"Instance Tree\" AND validation_state:validated&select_list=title"
                        + "&select_list=url_string&limit=");
    }

    @Test
    @Tag("checklist:CL-13")
    void noServicesAreAnEmptyObject() {
        master.answers("hateoas search", "{\"_embedded\": {\"contents\": []}}");

        assertThat(slapos("service", "list")).isZero();
        assertThat(out.toString()).isEqualTo("{}\n");
    }

    @Test
    void aTableOfServicesIsOneSearchToo() {
        master.answers("hateoas search", ROWS);

        assertThat(slapos("service", "list", "-o", "table")).isZero();

        assertThat(out.toString()).isEqualTo("""
                REFERENCE  STATE    STATUS       WHERE             SOFTWARE RELEASE
                hello      started  green        COMP-1 slappart0  %s
                caf\u00e9                unsupported  no partition yet  https://b.example/s.cfg
                """.formatted(URL));
        assertThat(master.received()).hasSize(3);
    }

    @Test
    void theRowsOfAProxysDatabaseAreUnderstood() {
        master.answers("hateoas search", """
                {"_embedded": {"contents": [
                    {"title": "blog", "url_string": "https://x/s.cfg", "slap_state": "busy", "reference": "slappart3",
                     "requested_state": "stopped", "computer_reference": "c", "partition_reference": "blog"}]}}
                """);

        assertThat(slapos("service", "list", "-o", "table")).isZero();
        assertThat(out.toString()).containsPattern("blog +stopped +unsupported +c slappart3 +https://x/s.cfg");
    }

    @Test
    void theSameListHasAllForms() {
        master.answers("hateoas search", ROWS);

        assertThat(slapos("service", "list", "-o", "name")).isZero();
        assertThat(out.toString()).isEqualTo("caf\u00e9\nhello\n");
        assertThat(slapos("-o", "yaml", "service", "list")).isZero();
        assertThat(out.toString()).contains("- reference: hello\n").contains("  computer: COMP-1\n");
        assertThat(slapos("service", "-o=json", "list")).isZero();
        assertThat(out.toString()).startsWith("[\n  {\n    \"computer\": \"COMP-1\",");
    }

    @Test
    @Tag("checklist:CL-15")
    void aServiceIsShownWithWhatItPublished() {
        master.answers("hateoas search", ROWS).answers("hateoas traverse", FORM);

        assertThat(slapos("service", "info", "hello")).as(err.toString()).isZero();

        assertThat(out.toString()).isEqualTo("""
                {
                  "connection-parameters": {
                    "url": "http://[::1]/"
                  },
                  "instance-parameters": {
                    "size": "3"
                  },
                  "requested-state": "start_requested",
                  "shared": false,
                  "software-type": "default",
                  "software-url": "%s",
                  "status": "unsupported"
                }
                """.formatted(URL).replace("unsupported", "orange"));
        assertThat(master.received().getLast().query())
                .isEqualTo("mode=traverse&relative_url=instance_tree_module/7&view=slaposjs_view");
        assertThat(slapos("service", "info", "hello", "--news")).isZero();
        assertThat(out.toString()).contains("\"text\": \"#error disk full\"");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            none        | {"instance": []}
            none        | {"instance": [{"text": "just so"}]}
            green       | {"instance": [{"text": "#access ok"}]}
            red         | {"instance": [{"text": "#error no"}]}
            orange      | {"instance": [{"text": "#error no"}, {"text": "#access ok"}]}
            """)
    @Tag("checklist:CL-15")
    void whatNodesSaidIsOneColour(String status, String news) {
        var form = FORM.replace("{\"instance\": [{\"text\": \"#access ok\"}, {\"text\": \"#error disk full\"}]}", news);
        master.answers("hateoas search", ROWS).answers("hateoas traverse", form);

        assertThat(slapos("service", "info", "hello")).as(err.toString()).isZero();

        assertThat(out.toString()).contains("\"status\": \"" + status + "\"").doesNotContain("\"news\"");
    }

    @Test
    @Tag("checklist:CL-15")
    void aMasterWithoutNewsIsUnsupported() {
        master.answers("hateoas search", ROWS).answers("hateoas traverse", FORM.replace("\"my_news\"", "\"my_other\""));

        assertThat(slapos("service", "info", "hello")).as(err.toString()).isZero();

        assertThat(out.toString()).contains("\"status\": \"unsupported\"");
    }

    @Test
    @Tag("checklist:CL-14")
    void parametersAreShownAsTheReleaseWantsThemWrittenInEitherSerialisation() {
        var plain = FORM.replace(
                "\"connection_key\": \"_\", \"connection_value\": \"{\\\"url\\\": \\\"http://[::1]/\\\"}\"",
                "\"connection_key\": \"url\", \"connection_value\": \"http://[::2]/\"");
        var wrapped = FORM.replace(
                "<parameter id='size'>3</parameter>",
                "<parameter id='_'>{\\\"size\\\": 3, \\\"names\\\": [\\\"a\\\"]}</parameter>");
        assertThat(plain).isNotEqualTo(FORM);
        assertThat(wrapped).isNotEqualTo(FORM);

        master.answers("hateoas search", ROWS).answers("hateoas traverse", plain);
        assertThat(slapos("service", "info", "hello")).as(err.toString()).isZero();
        assertThat(out.toString()).isEqualTo("""
                {
                  "connection-parameters": {
                    "url": "http://[::2]/"
                  },
                  "instance-parameters": {
                    "size": "3"
                  },
                  "requested-state": "start_requested",
                  "shared": false,
                  "software-type": "default",
                  "software-url": "%s",
                  "status": "orange"
                }
                """.formatted(URL));

        master.answers("hateoas traverse", wrapped);
        assertThat(slapos("service", "info", "hello")).as(err.toString()).isZero();
        assertThat(out.toString()).isEqualTo("""
                {
                  "connection-parameters": {
                    "url": "http://[::1]/"
                  },
                  "instance-parameters": {
                    "names": [
                      "a"
                    ],
                    "size": 3
                  },
                  "requested-state": "start_requested",
                  "shared": false,
                  "software-type": "default",
                  "software-url": "%s",
                  "status": "orange"
                }
                """.formatted(URL));
    }

    @Test
    @Tag("checklist:CL-18")
    void aComputerIsShownByReferenceAndTitleAndAnUnknownOneIsSaid() {
        master.answers("hateoas search", """
                {"_embedded": {"contents": [{"reference": "COMP-2", "title": "rack 7"}]}}
                """);
        assertThat(slapos("computer", "info", "COMP-2")).isZero();
        assertThat(out.toString()).isEqualTo("Reference: COMP-2\nTitle: rack 7\n");
        assertThat(err.toString()).isEmpty();

        assertThat(slapos("computer", "info", "COMP-3")).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).contains("COMP-3");
    }

    @Test
    @Tag("checklist:CL-19")
    void aTokenForAComputerIsPrinted() {
        master.answers("slapos.post.v0.compute_node_token", "{\"token\": \"20260101-ABC\"}");

        assertThat(slapos("computer", "token")).as(err.toString()).isZero();

        assertThat(out.toString()).isEqualTo("Computer token: 20260101-ABC\n");
    }

    @Test
    @Tag("checklist:CL-16")
    void anUnknownServiceEndsWithTwo() {
        master.answers("hateoas search", "{\"_embedded\": {\"contents\": []}}");

        assertThat(slapos("service", "info", "gone")).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString())
                .matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d slapos\\[\\d+\\] ERROR there is no instance 'gone',"
                        + " or it is not ready. 'slapos service list -o name' lists yours.\n");
        assertThat(slapos("service", "info", "a\"b")).isEqualTo(2);
    }

    @Test
    @Tag("checklist:CL-17")
    void computersAreListedInTheWordsOfTheField() {
        master.answers("hateoas search", """
                {"_embedded": {"contents": [{"reference": "COMP-1", "title": "demo"},
                                            {"reference": "COMP-2", "title": "rack 7"}]}}
                """);

        assertThat(slapos("computer", "list")).isZero();
        assertThat(out.toString()).isEqualTo("List of Computers:\nCOMP-1 demo\nCOMP-2 rack 7\n");
        assertThat(slapos("computer", "info", "COMP-2")).isZero();
        assertThat(out.toString()).isEqualTo("Reference: COMP-2\nTitle: rack 7\n");
        assertThat(slapos("computer", "info", "COMP-3")).isEqualTo(2);

        master.answers("hateoas search", "{\"_embedded\": {\"contents\": []}}");
        assertThat(slapos("computer", "list")).isZero();
        assertThat(out.toString()).isEqualTo("No existing computer.\n");
    }

    @Test
    void whatAProxyRefusesIsUnknown() {
        master.answers("getHateoasUrl", 404, "", "none here")
                .answers(
                        "slapos.get.v0.instance_tree",
                        403,
                        "{\"type\": \"Forbidden\", \"title\": \"No instance tree\", \"status\": 403}",
                        "")
                .answers("slapos.allDocs.v0.instance_tree_list", "{\"result_list\": [{\"title\": \"other\"}]}");

        assertThat(slapos("service", "info", "gone")).isEqualTo(2);
    }

    @Test
    void withoutHypermediaTheJsonMethodsAreAsked() {
        master.answers("getHateoasUrl", 404, "", "none here")
                .answers("slapos.allDocs.v0.instance_tree_list", "{\"result_list\": [{\"title\": \"hello\"}]}")
                .answers("slapos.get.v0.instance_tree", """
                        {"title": "hello", "instance_guid": "SOFTINST-1", "software_release_uri": "%s", "shared": false,
                         "software_type": "default", "state": "started", "computer_guid": "COMP-1",
                         "compute_partition_id": "slappart0", "access_status_message": "#error out of disk",
                         "parameters": {}, "connection_parameters": {"url": "http://[::1]/"}}
                        """.formatted(URL));

        assertThat(slapos("service", "list")).isZero();
        assertThat(out.toString()).isEqualTo("{\n  \"hello\": \"" + URL + "\"\n}\n");
        assertThat(slapos("service", "info", "hello", "-o", "table")).isZero();
        assertThat(out.toString())
                .containsPattern("status +#error out of disk")
                .containsPattern("runs on +COMP-1 slappart0")
                .containsPattern("connection url +http://\\[::1\\]/");
    }

    @Test
    void aMasterMayTellItsHypermediaByJsonOnly() {
        master.answers("getHateoasUrl", 404, "", "none here")
                .answers("slapos.get.v0.hateoas_url", "{\"hateoas_url\": \"" + master.url() + "/hateoas/\"}")
                .answers("hateoas search", ROWS);

        assertThat(slapos("service", "list", "-o", "name")).isZero();
        assertThat(out.toString()).isEqualTo("caf\u00e9\nhello\n");
    }

    @Test
    void aComputerShowsItsSoftwareAndInstances() {
        master.answers("slapos.allDocs.WIP.compute_node_list", """
                        {"result_list": [{"computer_guid": "COMP-1", "title": "demo", "last_contact": null,
                                          "partitions_used": 1, "partitions_total": 10}]}
                        """)
                .answers(
                        "slapos.allDocs.v0.compute_node_software_installation_list",
                        "{\"result_list\": [{\"software_release_uri\": \"" + URL + "\", \"state\": \"available\"}]}")
                .answers(
                        "slapos.get.v0.software_installation",
                        "{\"access_status_message\": \"#building software release\"}")
                .answers("slapos.allDocs.v0.compute_node_instance_list", """
                        {"result_list": [{"title": "hello", "instance_guid": "SOFTINST-1", "state": "started",
                                          "compute_partition_id": "slappart0"}]}
                        """);

        assertThat(slapos("computer", "info", "COMP-1", "-o", "table")).isZero();
        assertThat(out.toString()).contains("1 of 10 in use", "#building software release", "SOFTINST-1", "never");
    }

    @Test
    void aRedirectOfTheMasterIsFollowedButNotToAnotherServer() throws IOException {
        Files.writeString(
                folder.resolve("client.cfg"),
                "[slapos]\nmaster_url = " + master.url() + "\nmaster_rest_url = " + master.url() + "/moved\n");
        master.redirects("moved", "/hateoas/").answers("hateoas search", ROWS);
        assertThat(slapos("service", "list", "-o", "name")).as(err.toString()).isZero();

        master.redirects("moved", "http://127.0.0.1:1/hateoas/");
        assertThat(slapos("service", "list")).isEqualTo(1);
        assertThat(err.toString()).contains("leads to another server");
    }

    @Test
    void watchingShowsAgainAndSurvivesAMasterThatIsAway() {
        master.answers("hateoas search", ROWS);
        var time = new Time() {
            private int pauses;

            @Override
            public Instant now() {
                return Instant.parse("2026-01-01T00:00:00Z").plusSeconds(2L * pauses);
            }

            @Override
            public void pause(Duration length) throws InterruptedException {
                assertThat(length).isEqualTo(Duration.ofSeconds(2));
                pauses++;
                if (pauses == 1) {
                    master.answers("hateoas search", 500, "", "");
                } else {
                    throw new InterruptedException();
                }
            }
        };

        assertThat(slapos(time, false, "service", "list", "-o", "name", "--watch"))
                .isZero();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(out.toString())
                .startsWith("2026-01-01T00:00:00Z\ncaf\u00e9\nhello\n2026-01-01T00:00:02Z\n")
                .contains(": 500");
    }

    @Test
    void watchingOnATerminalIsInPlace() {
        master.answers("hateoas search", ROWS);
        var time = new Time() {
            @Override
            public Instant now() {
                return Instant.EPOCH;
            }

            @Override
            public void pause(Duration length) throws InterruptedException {
                throw new InterruptedException();
            }
        };

        assertThat(slapos(time, true, "computer", "list", "--watch")).isZero();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(out.toString()).startsWith("\u001b[H\u001b[2J1970-01-01T00:00:00Z\n");
    }
}
