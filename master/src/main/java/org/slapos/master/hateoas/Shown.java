package org.slapos.master.hateoas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slapos.master.computer.AccessStatus;
import org.slapos.master.computer.Computer;
import org.slapos.master.computer.DescribeStatus;
import org.slapos.master.computer.FindComputers;
import org.slapos.master.instance.ListTrees.Listed;
import org.slapos.master.instance.ListTrees.ListedTree;
import org.slapos.master.instance.SoftwareInstance;
import org.slapos.master.software.FindSoftware;
import org.slapos.protocol.InstanceXml;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.hypermedia.ConnectionList;
import org.slapos.protocol.hypermedia.News;
import org.slapos.protocol.hypermedia.TreeView;
import org.slapos.protocol.hypermedia.ViewForm;
import org.slapos.protocol.jsonrpc.Json;
import org.slapos.protocol.jsonrpc.StatusAnswer;

/// Says of trees, Computers, instances and SoftwareInstallations what rows and forms show.
final class Shown {
    static final String TREE = "instance_tree_module/";
    static final String COMPUTER = "compute_node_module/";
    private static final String INSTANCE = "software_instance_module/";
    private static final String INSTALLATION = "software_installation_module/";

    private final FindComputers computers;
    private final InstantSource clock;

    Shown(FindComputers computers, InstantSource clock) {
        this.computers = computers;
        this.clock = clock;
    }

    Columns<ListedTree> trees() {
        var columns = new LinkedHashMap<>(instanceColumns(ListedTree::root));
        columns.put("title", Columns.text(it -> it.tree().title()));
        columns.put("reference", Columns.text(it -> it.tree().reference()));
        columns.put("uid", it -> LongNode.valueOf(it.tree().id()));
        columns.put("portal_type", Columns.text(_ -> "Instance Tree"));
        columns.put("slap_state", Columns.text(it -> TreeView.wordOf(it.tree().state())));
        columns.put(
                "news",
                it -> news(it).write(
                                "Instance Tree",
                                it.tree().reference(),
                                it.tree().title()));
        return new Columns<>(it -> TREE + it.tree().reference(), columns);
    }

    Columns<Listed> instances() {
        var columns = new LinkedHashMap<>(instanceColumns((Listed it) -> it));
        columns.put("title", Columns.text(it -> it.instance().title()));
        columns.put("reference", Columns.text(it -> it.instance().reference()));
        columns.put("uid", it -> LongNode.valueOf(it.instance().id()));
        columns.put("portal_type", Columns.text(it -> typeOf(it.instance())));
        columns.put(
                "slap_state",
                Columns.text(it -> TreeView.wordOf(it.instance().desire().state())));
        columns.put("SoftwareInstance_getNewsDict", it -> new StatusAnswer(status(it)).write());
        return new Columns<>(it -> INSTANCE + it.instance().reference(), columns);
    }

    private static <T> Map<String, Function<T, JsonNode>> instanceColumns(Function<T, Listed> of) {
        return Map.of(
                "url_string",
                Columns.text(it -> of.apply(it).instance().desire().release()),
                "source_reference",
                Columns.text(it -> of.apply(it).instance().desire().type()),
                "text_content",
                Columns.text(
                        it -> InstanceXml.write(of.apply(it).instance().desire().parameters())),
                "computer_reference",
                Columns.text(it -> of.apply(it)
                        .place()
                        .map(place -> place.computer().text())
                        .orElse("")),
                "partition_reference",
                Columns.text(it -> of.apply(it)
                        .place()
                        .map(place -> place.partition().text())
                        .orElse("")),
                "connection_parameter_list",
                it -> ConnectionList.write(of.apply(it).instance().connection()),
                "getConnectionXmlAsDict",
                it -> object(of.apply(it).instance().connection()));
    }

    Columns<Computer> computers() {
        return new Columns<>(
                it -> COMPUTER + it.reference(),
                Map.of(
                        "title",
                        Columns.text(Computer::title),
                        "reference",
                        Columns.text(it -> it.reference().text()),
                        "uid",
                        it -> LongNode.valueOf(it.id()),
                        "portal_type",
                        Columns.text(_ -> "Compute Node"),
                        "news",
                        it -> status(
                                computers.status(it),
                                it.reference().text(),
                                "Compute Node",
                                it.reference().text())));
    }

    Columns<FindSoftware.Listed> installations() {
        return new Columns<>(
                it -> INSTALLATION + it.installation().reference(),
                Map.of(
                        "title",
                        Columns.text(it -> it.installation().reference()),
                        "reference",
                        Columns.text(it -> it.installation().reference()),
                        "uid",
                        it -> LongNode.valueOf(it.installation().id()),
                        "portal_type",
                        Columns.text(_ -> "Software Installation"),
                        "url_string",
                        Columns.text(it -> it.installation().url()),
                        "computer_reference",
                        Columns.text(it -> it.computer().text()),
                        "slap_state",
                        Columns.text(it -> it.installation().requested() == SoftwareState.AVAILABLE
                                ? "start_requested"
                                : "destroy_requested"),
                        "SoftwareInstallation_getNewsDict",
                        it -> status(
                                it.installation().status(),
                                it.installation().reference(),
                                "Software Installation",
                                it.computer().text())));
    }

    ViewForm form(ListedTree it) {
        var root = it.root().instance();
        return new TreeView(
                        it.tree().title(),
                        it.tree().reference(),
                        TreeView.wordOf(it.tree().state()),
                        root.desire().release(),
                        root.desire().type(),
                        root.isShared(),
                        root.desire().parameters(),
                        root.connection(),
                        Optional.of(news(it)))
                .toForm();
    }

    ViewForm form(Computer computer) {
        var properties = new LinkedHashMap<String, JsonNode>();
        properties.put("title", TextNode.valueOf(computer.title()));
        properties.put("reference", TextNode.valueOf(computer.reference().text()));
        return new ViewForm("Compute Node", "ComputeNode_viewAsHateoas", properties);
    }

    /// Of a tree that is to run: how each of its plain instances is.
    private News news(ListedTree tree) {
        return new News(
                tree.tree().state() == RequestedState.STARTED
                                && !tree.root().instance().isShared()
                        ? tree.instances().stream()
                                .filter(it -> !it.instance().isShared())
                                .map(this::status)
                                .toList()
                        : List.of());
    }

    private org.slapos.protocol.AccessStatus status(Listed it) {
        var instance = it.instance();
        var now = clock.instant();
        return DescribeStatus.describe(
                waits(instance, now).orElse(instance.status()),
                instance.reference(),
                typeOf(instance),
                it.place().map(place -> place.computer().text()).orElse("SlapOS Master"),
                now);
    }

    private static Optional<AccessStatus> waits(SoftwareInstance instance, Instant now) {
        return Optional.of(instance.waitingFor())
                .filter(reason -> !reason.isEmpty())
                .map(reason -> AccessStatus.NONE.next("#error " + reason, Optional.empty(), now));
    }

    private ObjectNode status(AccessStatus status, String reference, String type, String reporter) {
        return new StatusAnswer(DescribeStatus.describe(status, reference, type, reporter, clock.instant())).write();
    }

    private static String typeOf(SoftwareInstance instance) {
        return instance.isShared() ? "Slave Instance" : "Software Instance";
    }

    private static ObjectNode object(Map<String, String> texts) {
        var json = Json.object();
        texts.forEach(json::put);
        return json;
    }
}
