package org.slapos.master.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slapos.master.http.Answer;
import org.slapos.master.http.Call;
import org.slapos.master.http.Mount;
import org.slapos.protocol.Form;
import org.slapos.protocol.InstanceXml;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.hypermedia.RootDocument;
import org.slapos.protocol.hypermedia.SearchQuery;
import org.slapos.protocol.hypermedia.SearchResult;
import org.slapos.protocol.hypermedia.UriTemplate;
import org.slapos.protocol.hypermedia.ViewForm;
import org.slapos.protocol.jsonrpc.Json;

/// The hypermedia interface below `/hateoas/`, as far as the command line of the field uses it: lists and details of
/// instance trees and Computers.
record HypermediaDoor(State state) {
    List<Mount> mounts() {
        return List.of(
                new Mount("/hateoas", call -> redirect(308, Bypass.here(call) + "hateoas/")),
                new Mount("/hateoas/", this::answer));
    }

    private static Answer redirect(int status, String target) {
        return Answer.text(status, target).with("Location", target);
    }

    private Answer answer(Call call) {
        if (!call.isGet()) {
            return Answer.methodNotAllowed("GET, HEAD");
        }
        if (call.path().isEmpty()) {
            return entry(call);
        }
        var parts = call.path().split("/", 2);
        var name = parts.length == 2 ? parts[1] : "";
        return state.read(tables -> switch (parts[0]) {
                    case "partitions" -> tables.plain(name, "").map(HypermediaDoor::plain);
                    case "shared" -> tables.shared(name, "").map(shared -> shared(tables, shared));
                    case "computers" ->
                        Optional.ofNullable(tables.computers.get(name)).map(HypermediaDoor::computer);
                    default -> Optional.<ObjectNode>empty();
                })
                .map(properties -> json(new ViewForm("SlapOS proxy", "proxy", members(properties)).write()))
                .orElseGet(() -> Answer.notFound("/hateoas/" + call.path()));
    }

    private Answer entry(Call call) {
        var mode = call.query().fields().get("mode");
        if (mode == null) {
            return json(root(Bypass.here(call) + "hateoas/").write());
        }
        return switch (mode) {
            case "search" -> json(search(call.query()));
            case "traverse" -> traverse(call.query().required("relative_url"), Bypass.here(call));
            default -> Answer.text(400, "mode is 'search' or 'traverse', not '" + mode + "'");
        };
    }

    private static RootDocument root(String here) {
        return new RootDocument(
                Optional.empty(),
                new UriTemplate(here + "?mode=search&query={query}&select_list={select_list}"),
                new UriTemplate(here + "?mode=traverse&relative_url={relative_url}&view={view}"),
                Optional.empty());
    }

    private static Answer traverse(String target, URI here) {
        return target.matches("/hateoas/[^\\p{Cntrl}\\\\]*")
                ? redirect(302, here.resolve(target).toString())
                : Answer.text(400, "relative_url '" + target + "' is not one of a search");
    }

    /// All that is found, with all that is known of it: which columns are asked for, and how many rows, says nothing.
    private ObjectNode search(Form query) {
        var text = query.required("query");
        var wanted = SearchQuery.parse(text);
        if (!wanted.text().equals(text)) { // of an old name
            throw notFoundHere(text);
        }
        var rows = state.read(tables -> switch (wanted) {
            case SearchQuery.Trees(var title) -> trees(tables, title);
            case SearchQuery.Computers(var reference) ->
                tables.computers.values().stream()
                        .filter(computer -> isWanted(computer.reference(), reference))
                        .map(HypermediaDoor::row)
                        .toList();
            case SearchQuery.Instances _, SearchQuery.Installations _ -> throw notFoundHere(text);
        });
        return new SearchResult(rows).write(text, List.of(), rows.size());
    }

    private static MalformedException notFoundHere(String query) {
        return new MalformedException("Only instance trees (by title) and compute nodes (by reference) are found here,"
                + " and the query is: " + query);
    }

    private static List<SearchResult.Row> trees(Tables tables, Optional<String> title) {
        return Stream.concat(
                        tables.busy()
                                .filter(partition -> partition
                                        .held()
                                        .filter(held -> held.isRoot() && isWanted(held.title(), title))
                                        .isPresent())
                                .map(HypermediaDoor::row),
                        tables.sharedInstances.values().stream()
                                .filter(shared -> shared.askedBy().isEmpty() && isWanted(shared.title(), title))
                                .map(shared -> row(tables, shared)))
                .toList();
    }

    private static boolean isWanted(String name, Optional<String> wanted) {
        return wanted.map(name::equals).orElse(true);
    }

    private static SearchResult.Row row(Partition partition) {
        var held = partition.held().orElseThrow();
        return row(
                "partitions",
                held.title(),
                Json.object()
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
                        .put("url_string", held.release()));
    }

    private static SearchResult.Row row(Tables tables, SharedInstance shared) {
        return row(
                "shared",
                shared.title(),
                Json.object()
                        .put("reference", shared.reference())
                        .put("computer_reference", shared.computer())
                        .put("connection_xml", connection(shared.connection()))
                        .put("hosted_by", shared.hostedBy())
                        .put("asked_by", shared.askedBy())
                        .put(
                                "url_string",
                                host(tables, shared).map(Instance::release).orElse("")));
    }

    private static SearchResult.Row row(Tables.Computer computer) {
        return row(
                "computers",
                computer.reference(),
                Json.object()
                        .put("reference", computer.reference())
                        .put("address", computer.address())
                        .put("netmask", computer.netmask()));
    }

    private static SearchResult.Row row(String kind, String title, ObjectNode columns) {
        var url = new UriTemplate("/hateoas/" + kind + "/{title}").expand(Map.of("title", List.of(title)));
        return new SearchResult.Row(url, members(columns.put("title", title).put("relative_url", url)));
    }

    private static Optional<Instance> host(Tables tables, SharedInstance shared) {
        return Optional.ofNullable(tables.partitions.get(shared.host())).flatMap(Partition::held);
    }

    /// Null until something is published.
    private static @Nullable String connection(Map<String, String> connection) {
        return connection.isEmpty() ? null : InstanceXml.write(connection);
    }

    private static ObjectNode plain(Partition partition) {
        var held = partition.held().orElseThrow();
        return tree(held.title(), held.state().wire(), Optional.of(held), held.parameters(), held.connection(), 0);
    }

    private static ObjectNode shared(Tables tables, SharedInstance shared) {
        Map<String, String> parameters = tables.entry(shared)
                .<Map<String, String>>map(entry -> entry.values().storedTexts())
                .orElse(Map.of());
        return tree(shared.title(), "unused", host(tables, shared), parameters, shared.connection(), 1);
    }

    /// @param instance of which release and type are shown: the one itself, or its host
    private static ObjectNode tree(
            String title,
            String state,
            Optional<Instance> instance,
            Map<String, String> parameters,
            Map<String, String> connection,
            int shared) {
        return Json.object()
                .put("title", title)
                .put("slap_state", state)
                .put("url_string", instance.map(Instance::release).orElse(""))
                .put("source_reference", instance.map(Instance::type).orElse(""))
                .put("text_content", InstanceXml.write(parameters))
                .put("connection_parameter_list", connection(connection))
                .put("root_slave", shared);
    }

    private static ObjectNode computer(Tables.Computer computer) {
        return Json.object().put("reference", computer.reference()).put("title", computer.reference());
    }

    private static Map<String, JsonNode> members(ObjectNode object) {
        var members = new LinkedHashMap<String, JsonNode>();
        object.properties().forEach(member -> members.put(member.getKey(), member.getValue()));
        return members;
    }

    private static Answer json(ObjectNode document) {
        return Answer.ok("application/json", Json.write(document));
    }
}
