package org.slapos.master.proxy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slapos.master.http.Answer;
import org.slapos.master.http.Call;
import org.slapos.master.http.Mount;
import org.slapos.protocol.Form;
import org.slapos.protocol.InstanceXml;
import org.slapos.protocol.marshal.MarshalReader;

/// The hypermedia interface below `/hateoas/`, as far as the command line of the field uses it: lists and details of
/// instance trees and Computers, found by four exact queries.
final class HypermediaDoor {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern TREES = Pattern.compile(
            "portal_type:\"Instance Tree\" AND validation_state:validated(?: AND title:=\"([^\"]*)\")?");
    private static final Pattern COMPUTERS = Pattern.compile(
            "portal_type:\"Compute Node\" AND validation_state:validated(?: AND reference:=\"([^\"]*)\")?");

    private final State state;

    HypermediaDoor(State state) {
        this.state = state;
    }

    List<Mount> mounts() {
        return List.of(
                new Mount("/hateoas", call -> redirect(308, Bypass.here(call) + "hateoas/")),
                new Mount("/hateoas/", this::answer));
    }

    private static Answer redirect(int status, String target) {
        return Answer.text(status, target).with("Location", target);
    }

    private Answer answer(Call call) throws IOException {
        if (!call.isGet()) {
            return Answer.methodNotAllowed("GET, HEAD");
        }
        if (call.path().isEmpty()) {
            return entry(call);
        }
        var parts = call.path().split("/", 2);
        var name = parts.length == 2 ? parts[1] : "";
        var found = state.read(tables -> switch (parts[0]) {
            case "partitions" -> tables.plain(name, "").map(HypermediaDoor::plain);
            case "shared" -> tables.shared(name, "").map(shared -> shared(tables, shared));
            case "computers" -> Optional.ofNullable(tables.computers.get(name)).map(HypermediaDoor::computer);
            default -> Optional.<ObjectNode>empty();
        });
        return found.isPresent() ? json(found.get()) : Answer.notFound("/hateoas/" + call.path());
    }

    private Answer entry(Call call) throws IOException {
        var mode = call.query().fields().get("mode");
        if (mode == null) {
            return json(root(Bypass.here(call)));
        }
        return switch (mode) {
            case "search" -> search(call.query());
            case "traverse" -> {
                var target = call.query().required("relative_url");
                yield target.matches("/hateoas/[^\\p{Cntrl}\\\\]*")
                        ? redirect(302, Bypass.here(call).resolve(target).toString())
                        : Answer.text(400, "relative_url '" + target + "' is not one of a search");
            }
            default -> Answer.text(400, "mode is 'search' or 'traverse', not '" + mode + "'");
        };
    }

    private static ObjectNode root(URI here) {
        var document = JSON.createObjectNode();
        var links = document.putObject("_links");
        links.putObject("raw_search")
                .put("href", here + "hateoas/?mode=search&query={query}&select_list={select_list}")
                .put("templated", true);
        links.putObject("traverse")
                .put("href", here + "hateoas/?mode=traverse&relative_url={relative_url}&view={view}")
                .put("templated", true);
        return document;
    }

    private Answer search(Form query) throws IOException {
        var text = query.required("query");
        var document = JSON.createObjectNode();
        var rows = document.putObject("_embedded").putArray("contents");
        var trees = TREES.matcher(text);
        var computers = COMPUTERS.matcher(text);
        if (trees.matches()) {
            var wanted = wanted(trees.group(1));
            state.read(tables -> {
                tables.busy()
                        .filter(partition -> partition
                                .held()
                                .filter(held -> held.isRoot() && wanted.test(held.title()))
                                .isPresent())
                        .forEach(partition -> rows.add(row(partition)));
                tables.sharedInstances.values().stream()
                        .filter(shared -> shared.askedBy().isEmpty() && wanted.test(shared.title()))
                        .forEach(shared -> rows.add(row(tables, shared)));
                return rows;
            });
        } else if (computers.matches()) {
            var wanted = wanted(computers.group(1));
            state.read(tables -> {
                tables.computers.values().stream()
                        .filter(computer -> wanted.test(computer.reference()))
                        .forEach(computer -> rows.add(row(computer)));
                return rows;
            });
        } else {
            return Answer.text(
                    400,
                    "Only instance trees (by title) and compute nodes (by reference) are found here, and the query is: "
                            + text);
        }
        return json(document);
    }

    private static Predicate<String> wanted(@Nullable String name) {
        return candidate -> name == null || name.equals(candidate);
    }

    private static ObjectNode row(Partition partition) {
        var held = partition.held().orElseThrow();
        return JSON.createObjectNode()
                .put("reference", partition.key().partition())
                .put("computer_reference", partition.key().computer())
                .put("slap_state", "busy")
                .put("software_release", held.release())
                .put("xml", InstanceXml.write(held.parameters()))
                .put("connection_xml", connection(held.connection()))
                .put("software_type", held.type())
                .put("partition_reference", held.title())
                .put("requested_by", held.requestedBy())
                .put("requested_state", held.state().wire())
                .put("timestamp", partition.timestamp())
                .put("title", held.title())
                .put("relative_url", "/hateoas/partitions/" + encoded(held.title()))
                .put("url_string", held.release());
    }

    private static ObjectNode row(Tables tables, SharedInstance shared) {
        return JSON.createObjectNode()
                .put("reference", shared.reference())
                .put("computer_reference", shared.computer())
                .put("connection_xml", connection(shared.connection()))
                .put("hosted_by", shared.hostedBy())
                .put("asked_by", shared.askedBy())
                .put("title", shared.title())
                .put("relative_url", "/hateoas/shared/" + encoded(shared.title()))
                .put("url_string", host(tables, shared).map(Instance::release).orElse(""));
    }

    private static ObjectNode row(Tables.Computer computer) {
        return JSON.createObjectNode()
                .put("reference", computer.reference())
                .put("address", computer.address())
                .put("netmask", computer.netmask())
                .put("title", computer.reference())
                .put("relative_url", "/hateoas/computers/" + encoded(computer.reference()));
    }

    private static Optional<Instance> host(Tables tables, SharedInstance shared) {
        return Optional.ofNullable(tables.partitions.get(shared.host())).flatMap(Partition::held);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /// Null until something is published.
    private static @Nullable String connection(Map<String, String> connection) {
        return connection.isEmpty() ? null : InstanceXml.write(connection);
    }

    private static ObjectNode plain(Partition partition) {
        var held = partition.held().orElseThrow();
        var form = form();
        var view = (ObjectNode) form.at("/_embedded/_view");
        field(view, "title", held.title(), "StringField");
        field(view, "slap_state", held.state().wire(), "StringField");
        field(view, "url_string", held.release(), "StringField");
        field(view, "source_reference", held.type(), "StringField");
        field(view, "text_content", InstanceXml.write(held.parameters()), "TextAreaField");
        field(view, "connection_parameter_list", connection(held.connection()), "StringField");
        view.putObject("my_root_slave")
                .put("type", "IntegerField")
                .put("key", "field_my_root_slave")
                .put("default", 0);
        return form;
    }

    private static ObjectNode shared(Tables tables, SharedInstance shared) {
        var parameters = tables.entry(shared)
                .map(entry ->
                        PythonText.of(MarshalReader.read(entry.parameters()).asDictionary()))
                .orElse(Map.of());
        var form = form();
        var view = (ObjectNode) form.at("/_embedded/_view");
        field(view, "title", shared.title(), "StringField");
        field(view, "slap_state", "unused", "StringField");
        field(view, "url_string", host(tables, shared).map(Instance::release).orElse(""), "StringField");
        field(view, "source_reference", host(tables, shared).map(Instance::type).orElse(""), "StringField");
        field(view, "text_content", InstanceXml.write(parameters), "TextAreaField");
        field(view, "connection_parameter_list", connection(shared.connection()), "StringField");
        view.putObject("my_root_slave")
                .put("type", "IntegerField")
                .put("key", "field_my_root_slave")
                .put("default", 1);
        return form;
    }

    private static ObjectNode computer(Tables.Computer computer) {
        var form = form();
        var view = (ObjectNode) form.at("/_embedded/_view");
        field(view, "reference", computer.reference(), "StringField");
        field(view, "title", computer.reference(), "StringField");
        return form;
    }

    private static ObjectNode form() {
        var document = JSON.createObjectNode();
        document.putObject("_embedded")
                .putObject("_view")
                .putObject("form_id")
                .put("type", "StringField")
                .put("key", "form_id")
                .put("default", "proxy");
        document.putObject("_links").putObject("type").put("name", "SlapOS proxy");
        return document;
    }

    private static void field(ObjectNode view, String name, @Nullable String value, String type) {
        view.putObject("my_" + name)
                .put("type", type)
                .put("key", "field_my_" + name)
                .put("default", value);
    }

    private static Answer json(ObjectNode document) throws IOException {
        return Answer.ok("application/json", JSON.writeValueAsBytes(document));
    }
}
