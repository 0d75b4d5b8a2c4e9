package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.Form;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.marshal.MarshalWriter;

/// Each method that changes something, called once: by whom, with what, and the event that says so. One long file,
/// since it is one list.
final class AuditedChanges {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String OTHER = "https://soft.example/other/software.cfg";

    private final Neighbourhood cloud;

    /// @param method   or the path of a door of people
    /// @param caller   by the name in the picture of [Neighbourhood]
    /// @param body     form or JSON
    /// @param action   that the trail has then
    record Change(String method, String caller, Supplier<String> body, String action) {}

    AuditedChanges(Neighbourhood cloud) {
        this.cloud = cloud;
    }

    private Change slap(String method, String caller, String action, String... fields) {
        return new Change(method, caller, () -> form(fields), action);
    }

    private Change json(String method, String caller, String action, String... members) {
        return new Change("slapos." + method, caller, () -> object(members).toString(), action);
    }

    /// `@name` stands for the reference of that name.
    private String form(String... fields) {
        var all = new TreeMap<String, String>();
        for (int i = 0; i < fields.length; i += 2) {
            all.put(fields[i], meant(fields[i + 1]));
        }
        return new Form(all).encode();
    }

    /// A value that begins with a brace or a bracket is JSON itself, as are `true` and what counts something.
    private ObjectNode object(String... members) {
        var all = JSON.createObjectNode();
        for (int i = 0; i < members.length; i += 2) {
            var text = meant(members[i + 1]);
            try {
                if (text.matches("(?s)[\\[{].*|true|false")
                        || Set.of("size", "weight", "requests").contains(members[i])) {
                    all.set(members[i], JSON.readTree(text));
                } else {
                    all.put(members[i], text);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return all;
    }

    private String meant(String text) {
        return text.startsWith("@") ? cloud.reference(text.substring(1)) : text;
    }

    private static String[] here() {
        return new String[] {"computer_id", "@computer", "computer_partition_id", "@instance's partition"};
    }

    private static String[] with(String[] fields, String... more) {
        var all = new ArrayList<>(List.of(fields));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private String answered(String caller, String method, String body, String member) {
        var answer = send(caller, method, body);
        assertThat(answer.statusCode()).as(method + " " + answer.body()).isEqualTo(200);
        try {
            return JSON.readTree(answer.body()).at("/" + member).asText();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    HttpResponse<String> send(String caller, String method, String body) {
        boolean isJson = method.startsWith("slapos.") || method.startsWith("account/");
        return cloud.send(
                caller,
                "POST",
                method.startsWith("account/") || method.startsWith("Person_") ? method : "slap/" + method,
                isJson ? "application/json" : "application/x-www-form-urlencoded",
                body);
    }

    static String request(String title) {
        return new InstanceRequest(
                        Neighbourhood.RELEASE,
                        "default",
                        title,
                        false,
                        Map.of(),
                        Map.of(),
                        Optional.of(RequestedState.STARTED),
                        Optional.empty(),
                        Optional.empty())
                .toForm()
                .encode();
    }

    private static String usage(String reference) {
        return "<journal><transaction type='Sale Packing List'><title/><start_date>2031-04-01 00:00:00</start_date>"
                + "<stop_date>2031-04-01 23:59:59</stop_date><reference>" + reference
                + "</reference><currency/><payment_mode/><category/><arrow type='Destination'/><movement>"
                + "<resource>service_module/cpu_load_percent</resource><title/><reference>slapuser0</reference>"
                + "<quantity>12.75</quantity><price>0.0</price><VAT/><category/></movement></transaction></journal>";
    }

    private static String partitions(int count) {
        var list = JSON.createArrayNode();
        for (int i = 0; i < count; i++) {
            list.addObject().put("partition_id", "slappart" + i);
        }
        return list.toString();
    }

    private Supplier<String> listed(String caller, String method, String pointer, String member) {
        return () -> object(member, answered(caller, "slapos.allDocs.v0." + method, "{}", pointer))
                .toString();
    }

    /// In this order: what one makes another one changes.
    List<Change> changes() {
        return List.of(
                slap("requestComputer", "customer", "computer.register", "computer_title", "mine"),
                slap(
                        "supplySupply",
                        "machine-owner",
                        "software.supply",
                        "computer_id",
                        "@computer",
                        "url",
                        OTHER,
                        "state",
                        "available"),
                slap(
                        "supplySupply",
                        "machine-owner",
                        "software.supply",
                        "computer_id",
                        "@computer",
                        "url",
                        OTHER,
                        "state",
                        "destroyed"),
                slap(
                        "destroyedSoftwareRelease",
                        "computer",
                        "software.removed",
                        "computer_id",
                        "@computer",
                        "url",
                        OTHER),
                json(
                        "post.v0.software_installation",
                        "machine-owner",
                        "software.supply",
                        "computer_guid",
                        "@computer",
                        "software_release_uri",
                        OTHER),
                json(
                        "post.v0.software_installation",
                        "machine-owner",
                        "software.supply",
                        "computer_guid",
                        "@computer",
                        "software_release_uri",
                        OTHER,
                        "state",
                        "destroyed"),
                json(
                        "put.v0.software_installation_reported_state",
                        "computer",
                        "software.removed",
                        "computer_guid",
                        "@computer",
                        "software_release_uri",
                        OTHER,
                        "reported_state",
                        "destroyed"),
                json(
                        "put.v0.allocation_supply",
                        "machine-owner",
                        "software.supply",
                        "computer_guid",
                        "@computer",
                        "software_release_uri",
                        Neighbourhood.RELEASE,
                        "software_type",
                        "big"),
                json(
                        "put.v0.allocation_supply",
                        "machine-owner",
                        "software.price",
                        "computer_guid",
                        "@computer",
                        "software_release_uri",
                        Neighbourhood.RELEASE,
                        "software_type",
                        "big",
                        "price",
                        "5EUR/month"),
                json(
                        "put.v0.allocation_supply",
                        "machine-owner",
                        "software.forbid",
                        "computer_guid",
                        "@computer",
                        "software_release_uri",
                        Neighbourhood.RELEASE,
                        "software_type",
                        "big",
                        "state",
                        "destroyed"),
                json(
                        "put.v0.compute_node_offer",
                        "machine-owner",
                        "computer.offer",
                        "computer_guid",
                        "@computer",
                        "settings",
                        "{\"price\": \"7EUR/month\"}"),
                json(
                        "put.v0.compute_node_offer",
                        "machine-owner",
                        "computer.offer",
                        "computer_guid",
                        "@computer",
                        "settings",
                        "{\"price\": \"\", \"region\": \"europe/west\"}"),
                json("put.v0.software_product", "system", "product.change", "title", "hello", "alias", "greeting"),
                json(
                        "put.v0.software_product",
                        "system",
                        "product.change",
                        "title",
                        "hello",
                        "software_type",
                        "big",
                        "weight",
                        "2"),
                json(
                        "put.v0.instance_pool",
                        "manager",
                        "pool.set",
                        "software_release_uri",
                        OTHER,
                        "software_type",
                        "default",
                        "project_guid",
                        "PROJ-1",
                        "size",
                        "1"),
                json(
                        "put.v0.instance_pool",
                        "manager",
                        "pool.set",
                        "software_release_uri",
                        OTHER,
                        "software_type",
                        "default",
                        "project_guid",
                        "PROJ-1",
                        "size",
                        "0"),
                json(
                        "put.v0.request_brake",
                        "manager",
                        "brake.set",
                        "project_guid",
                        "PROJ-1",
                        "requests",
                        "1000",
                        "per",
                        "minute"),
                json(
                        "put.v0.software_instance_backup_url",
                        "instance",
                        "instance.backup",
                        "instance_guid",
                        "@instance",
                        "backup_url",
                        "https://backup.example/7/"),
                new Change(
                        "loadComputerConfigurationFromXML",
                        "computer",
                        () -> form(
                                "xml",
                                MarshalWriter.write(
                                        TestTrades.configuration(new ComputerId(cloud.reference("computer")), 9)
                                                .toValue())),
                        "computer.format"),
                json(
                        "put.v0.compute_node_format",
                        "computer",
                        "computer.format",
                        "computer_guid",
                        "@computer",
                        "compute_partition_list",
                        partitions(8)),
                slap("useComputer", "computer", "usage.report", "computer_id", "@computer", "use_string", usage("one")),
                json(
                        "post.v0.compute_node_usage",
                        "computer",
                        "usage.report",
                        "computer_guid",
                        "@computer",
                        "tioxml",
                        usage("two")),
                slap("computerBang", "computer", "computer.bang", "computer_id", "@computer", "message", "again"),
                json(
                        "put.v0.compute_node_bang",
                        "computer",
                        "computer.bang",
                        "computer_guid",
                        "@computer",
                        "message",
                        "again"),
                new Change("requestComputerPartition", "customer", () -> request("by SLAP"), "tree.create"),
                json(
                        "post.v0.software_instance",
                        "customer",
                        "instance.create",
                        "title",
                        "by JSON",
                        "software_release_uri",
                        Neighbourhood.RELEASE,
                        "software_type",
                        "default"),
                slap("softwareInstanceBang", "computer", "instance.bang", with(here(), "message", "again")),
                json(
                        "put.v0.software_instance_bang",
                        "instance",
                        "instance.bang",
                        "instance_guid",
                        "@instance",
                        "message",
                        "again"),
                slap("softwareInstanceRename", "instance", "instance.rename", with(here(), "new_name", "renamed")),
                json(
                        "put.v0.software_instance_title",
                        "instance",
                        "instance.rename",
                        "instance_guid",
                        "@instance",
                        "title",
                        "instance"),
                slap(
                        "setComputerPartitionConnectionXml",
                        "instance",
                        "instance.publish",
                        with(
                                here(),
                                "connection_xml",
                                "<marshal><dictionary id=\"i2\"><string>a</string><string>b</string></dictionary></marshal>")),
                json(
                        "put.v0.software_instance_connection_parameter",
                        "instance",
                        "instance.publish",
                        "instance_guid",
                        "@instance",
                        "connection_parameter_dict",
                        "{\"a\": \"c\"}"),
                slap("revokeComputerCertificate", "machine-owner", "certificate.revoke", "computer_id", "@computer"),
                slap("generateComputerCertificate", "machine-owner", "certificate.issue", "computer_id", "@computer"),
                json(
                        "remove.v0.compute_node_certificate",
                        "machine-owner",
                        "certificate.revoke",
                        "computer_guid",
                        "@computer"),
                json(
                        "post.v0.compute_node_certificate",
                        "machine-owner",
                        "certificate.issue",
                        "computer_guid",
                        "@computer"),
                json("post.v0.certificate_renewal", "customer", "certificate.issue"),
                json("post.v0.compute_node_token", "customer", "token.create"),
                json("post.v0.person_certificate_token", "customer", "token.create"),
                json("post.v0.feed_token", "customer", "token.create", "path", "/hateoas/"),
                new Change(
                        "slapos.remove.v0.token",
                        "customer",
                        listed("customer", "token_list", "result_list/0/id", "id"),
                        "token.withdraw"),
                json("post.v0.party", "system", "organisation.create", "kind", "organisation", "title", "Acme"),
                json(
                        "put.v0.party",
                        "customer",
                        "person.change",
                        "reference",
                        "@customer",
                        "details",
                        "{\"first_name\": \"Carol\"}"),
                json("put.v0.party_state", "system", "person.state", "reference", "@somebody", "state", "suspended"),
                json(
                        "post.v0.party",
                        "system",
                        "network.create",
                        "kind",
                        "network",
                        "title",
                        "Rack 7",
                        "details",
                        "{\"project\": \"PROJ-1\"}"),
                json(
                        "put.v0.compute_node_network",
                        "manager",
                        "computer.network",
                        "computer_guid",
                        "@computer",
                        "network_guid",
                        "NET-1"),
                json(
                        "post.v0.assignment",
                        "manager",
                        "assignment.open",
                        "person",
                        "@customer",
                        "function",
                        "production/agent",
                        "project_guid",
                        "PROJ-1"),
                json(
                        "remove.v0.assignment",
                        "manager",
                        "assignment.close",
                        "person",
                        "@customer",
                        "function",
                        "production/agent",
                        "project_guid",
                        "PROJ-1"),
                json("post.v0.invitation_token", "manager", "token.create", "project_guid", "PROJ-1"),
                new Change(
                        "slapos.post.v0.invitation",
                        "other",
                        () -> object(
                                        "token",
                                        answered(
                                                "manager",
                                                "slapos.post.v0.invitation_token",
                                                "{\"project_guid\": \"PROJ-1\"}",
                                                "token"))
                                .toString(),
                        "token.use"),
                new Change(
                        "account/login",
                        "customer",
                        () -> object("login", "carol", "password", "correct horse battery")
                                .toString(),
                        "login.create"),
                new Change(
                        "account/password",
                        "customer",
                        () -> object("old", "correct horse battery", "new", "battery horse correct")
                                .toString(),
                        "login.password"),
                new Change("account/sign-in-by-certificate", "customer", () -> "{}", "session.begin"),
                new Change(
                        "slapos.remove.v0.session",
                        "customer",
                        listed("customer", "session_list", "result_list/0/id", "id"),
                        "session.end"),
                json("put.v0.login_block", "system", "login.block", "person", "@customer", "blocked", "true"),
                new Change(
                        "slapos.remove.v0.certificate",
                        "customer",
                        listed("customer", "certificate_list", "result_list/0/serial", "serial"),
                        "certificate.revoke"),
                slap(
                        "destroyedComputerPartition",
                        "other-computer",
                        "instance.end",
                        "computer_id",
                        "@other-computer",
                        "computer_partition_id",
                        "@other-instance's partition"));
    }
}
