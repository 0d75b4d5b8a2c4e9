package org.slapos.protocol.jsonrpc;

import static org.slapos.protocol.jsonrpc.Member.member;
import static org.slapos.protocol.jsonrpc.Member.text;
import static org.slapos.protocol.jsonrpc.Member.title;
import static org.slapos.protocol.jsonrpc.Member.word;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slapos.protocol.jsonrpc.Member.Kind;

/// The JSON methods by name, with the members each takes.
public enum JsonMethod {
    REQUEST_INSTANCE(
            "slapos.post.v0.software_instance",
            InstanceCall.Request::read,
            title(),
            text("software_release_uri"),
            text("software_type"),
            word("state", "started", "stopped", "destroyed").optional(),
            member("parameters", Kind.OBJECT).optional(),
            member("shared", Kind.BOOLEAN).optional(),
            member("sla_parameters", Kind.OBJECT).optional()),
    GET_INSTANCE("slapos.get.v0.software_instance", InstanceCall.Get::read, guid()),
    GET_PARTITION(
            "slapos.get.v0.compute_partition",
            InstanceCall.OnPartition::read,
            computer(),
            text("compute_partition_id")),
    GET_TREE("slapos.get.v0.instance_tree", InstanceCall.Root::read, title()),
    LIST_TREES("slapos.allDocs.v0.instance_tree_list", InstanceCall.Trees::read),
    LIST_SHARED_INSTANCES("slapos.allDocs.v0.instance_node_instance_list", InstanceCall.HostedBy::read, guid()),
    GET_INSTANCE_CERTIFICATE("slapos.get.v0.software_instance_certificate", InstanceCall.Certificate::read, guid()),
    PUBLISH_CONNECTION(
            "slapos.put.v0.software_instance_connection_parameter",
            InstanceCall.Publish::read,
            guid(),
            member("connection_parameter_dict", Kind.OBJECT)),
    REPORT_INSTANCE_STATE(
            "slapos.put.v0.software_instance_reported_state",
            InstanceCall.ReportState::read,
            guid(),
            word("reported_state", "started", "stopped", "destroyed")),
    REPORT_INSTANCE_ERROR(
            "slapos.put.v0.software_instance_error", InstanceCall.ReportError::read, guid(), text("message")),
    BANG_INSTANCE("slapos.put.v0.software_instance_bang", InstanceCall.Bang::read, guid(), text("message")),
    RENAME_INSTANCE("slapos.put.v0.software_instance_title", InstanceCall.Rename::read, guid(), title()),

    GET_COMPUTER_STATUS("slapos.get.v0.compute_node_status", ComputeNodeCall.Status::read, computer()),
    LIST_INSTANCES("slapos.allDocs.v0.compute_node_instance_list", ComputeNodeCall.Instances::read, computer()),
    LIST_INSTALLATIONS(
            "slapos.allDocs.v0.compute_node_software_installation_list",
            ComputeNodeCall.Installations::read,
            computer()),
    FORMAT_COMPUTER(
            "slapos.put.v0.compute_node_format",
            ComputeNodeCall.Format::read,
            computer(),
            member("compute_partition_list", Kind.ARRAY)),
    BANG_COMPUTER("slapos.put.v0.compute_node_bang", ComputeNodeCall.Bang::read, computer(), text("message")),
    ISSUE_COMPUTER_CERTIFICATE(
            "slapos.post.v0.compute_node_certificate",
            ComputeNodeCall.IssueCertificate::read,
            computer(),
            text(CertificateCall.REQUEST).optional()),
    REVOKE_COMPUTER_CERTIFICATE(
            "slapos.remove.v0.compute_node_certificate", ComputeNodeCall.RevokeCertificate::read, computer()),
    REPORT_USAGE("slapos.post.v0.compute_node_usage", ComputeNodeCall.Usage::read, computer(), text("tioxml")),

    SUPPLY(
            "slapos.post.v0.software_installation",
            InstallationCall.Supply::read,
            computer(),
            release(),
            word("state", "available", "destroyed").optional()),
    REPORT_INSTALLATION_STATE(
            "slapos.put.v0.software_installation_reported_state",
            InstallationCall.ReportState::read,
            computer(),
            release(),
            word("reported_state", "available", "destroyed", "building")),
    REPORT_INSTALLATION_ERROR(
            "slapos.put.v0.software_installation_error",
            InstallationCall.ReportError::read,
            computer(),
            release(),
            text("message")),

    GET_HATEOAS_URL("slapos.get.v0.hateoas_url", MasterCall.GetHateoasUrl::read),

    // What other Masters do not have.
    LIST_COMPUTERS("slapos.allDocs.WIP.compute_node_list", ComputeNodeCall.Owned::read),
    GET_INSTALLATION("slapos.get.v0.software_installation", InstallationCall.Get::read, computer(), release()),
    LOSE_COMPUTER("slapos.remove.v0.compute_node", ComputeNodeCall.Lose::read, computer()),
    BACK_UP_INSTANCE(
            "slapos.put.v0.software_instance_backup_url", InstanceCall.BackUp::read, guid(), text("backup_url")),
    GET_OFFER("slapos.get.v0.compute_node_offer", MarketCall.ShowOffer::read, computer()),
    CHANGE_OFFER(
            "slapos.put.v0.compute_node_offer",
            MarketCall.ChangeOffer::read,
            computer(),
            member("settings", Kind.OBJECT)),
    CHANGE_SUPPLY(
            "slapos.put.v0.allocation_supply",
            MarketCall.ChangeSupply::read,
            computer(),
            release(),
            word("state", "available", "destroyed").optional(),
            text("software_type").optional(),
            text("customer").optional(),
            text("price").optional(),
            text("from").optional()),
    CHANGE_PRODUCT(
            "slapos.put.v0.software_product",
            MarketCall.ChangeProduct::read,
            title(),
            text("alias").optional(),
            text("software_type").optional(),
            member("weight", Kind.INTEGER).optional(),
            release().optional(),
            text("effective_date").optional()),
    PLAN_INSTANCE(
            "slapos.get.v0.instance_plan",
            MarketCall.Plan::read,
            title(),
            text("software_release_uri"),
            text("software_type"),
            word("state", "started", "stopped", "destroyed").optional(),
            member("parameters", Kind.OBJECT).optional(),
            member("shared", Kind.BOOLEAN).optional(),
            member("sla_parameters", Kind.OBJECT).optional()),
    EXPLAIN_INSTANCE(
            "slapos.get.v0.instance_explanation",
            MarketCall.Explain::read,
            guid(),
            member("computers", Kind.INTEGER).optional()),
    MARKET_FIGURES("slapos.get.v0.market_figures", MarketCall.Figures::read),
    SET_POOL(
            "slapos.put.v0.instance_pool",
            MarketCall.SetPool::read,
            release(),
            text("software_type").optional(),
            text("project_guid").optional(),
            member("size", Kind.INTEGER).optional(),
            member("most", Kind.INTEGER).optional()),
    LIST_POOLS(
            "slapos.allDocs.v0.instance_pool_list",
            MarketCall.ListPools::read,
            text("project_guid").optional()),
    SET_BRAKE(
            "slapos.put.v0.request_brake",
            MarketCall.SetBrake::read,
            member("requests", Kind.INTEGER),
            word("per", "minute", "hour", "day").optional(),
            text("project_guid").optional()),
    GET_BRAKE(
            "slapos.get.v0.request_brake",
            MarketCall.ShowBrake::read,
            text("project_guid").optional()),
    CREATE_COMPUTER_TOKEN(
            "slapos.post.v0.compute_node_token",
            MasterCall.CreateComputerToken::read,
            text("project_guid").optional()),

    // Who is who.
    MAKE_PARTY(
            "slapos.post.v0.party",
            word("kind", "person", "organisation", "project", "network"),
            title(),
            member("details", Kind.OBJECT).optional()),
    GET_PARTY("slapos.get.v0.party", text("reference")),
    LIST_PARTIES(
            "slapos.allDocs.v0.party_list",
            word("kind", "person", "organisation", "project", "network"),
            member("limit", Kind.INTEGER).optional(),
            member("offset", Kind.INTEGER).optional()),
    CHANGE_PARTY(
            "slapos.put.v0.party",
            text("reference"),
            title().optional(),
            member("details", Kind.OBJECT).optional()),
    SET_PARTY_STATE(
            "slapos.put.v0.party_state", text("reference"), word("state", "validated", "suspended", "invalidated")),
    JOIN_NETWORK(
            "slapos.put.v0.compute_node_network",
            computer(),
            text("network_guid").optional()),
    OPEN_ASSIGNMENT(
            "slapos.post.v0.assignment",
            text("person"),
            text("function"),
            text("project_guid").optional()),
    CLOSE_ASSIGNMENT(
            "slapos.remove.v0.assignment",
            text("person"),
            text("function"),
            text("project_guid").optional()),
    LIST_ASSIGNMENTS(
            "slapos.allDocs.v0.assignment_list",
            text("person").optional(),
            text("project_guid").optional()),
    CREATE_INVITATION(
            "slapos.post.v0.invitation_token",
            text("function").optional(),
            text("project_guid").optional()),
    ACCEPT_INVITATION("slapos.post.v0.invitation", text("token")),
    CREATE_CERTIFICATE_TOKEN(
            "slapos.post.v0.person_certificate_token", text("person").optional()),
    CREATE_FEED_TOKEN("slapos.post.v0.feed_token", text("path")),
    LIST_TOKENS("slapos.allDocs.v0.token_list", text("person").optional()),
    WITHDRAW_TOKEN("slapos.remove.v0.token", text("id")),
    LIST_SESSIONS("slapos.allDocs.v0.session_list", text("person").optional()),
    END_SESSION("slapos.remove.v0.session", text("id")),
    BLOCK_LOGIN("slapos.put.v0.login_block", text("person"), member("blocked", Kind.BOOLEAN)),
    LIST_EVENTS(
            "slapos.allDocs.v0.event_list",
            text("object").optional(),
            text("who").optional(),
            text("before").optional(),
            member("limit", Kind.INTEGER).optional()),

    GET_CERTIFICATE("slapos.get.v0.certificate", CertificateCall.Own::read),
    RENEW_CERTIFICATE(
            "slapos.post.v0.certificate_renewal",
            CertificateCall.Renew::read,
            text(CertificateCall.REQUEST).optional()),
    LIST_CERTIFICATES(
            "slapos.allDocs.v0.certificate_list",
            CertificateCall.Listing::read,
            member("all", Kind.BOOLEAN).optional(),
            member("limit", Kind.INTEGER).optional(),
            member("offset", Kind.INTEGER).optional()),
    REVOKE_CERTIFICATE("slapos.remove.v0.certificate", CertificateCall.Revoke::read, text("serial")),
    LIST_MOVEMENTS(
            "slapos.allDocs.v0.movement_list",
            MasterCall.Movements::read,
            member("limit", Kind.INTEGER).optional(),
            member("offset", Kind.INTEGER).optional());

    private static final Map<String, JsonMethod> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(JsonMethod::wire, Function.identity()));

    private final String wire;

    @SuppressWarnings("ImmutableEnumChecker") // references to static methods
    private final Function<ObjectNode, JsonCall<?>> reader;

    @SuppressWarnings("ImmutableEnumChecker") // of records, unmodifiable
    private final List<Member> members;

    JsonMethod(String wire, Function<ObjectNode, JsonCall<?>> reader, Member... members) {
        this.wire = wire;
        this.reader = reader;
        this.members = List.of(members);
    }

    /// One whose members need no reading.
    JsonMethod(String wire, Member... members) {
        this.wire = wire;
        this.reader = call -> new PartyCall(this, call);
        this.members = List.of(members);
    }

    /// The name on the wire.
    public String wire() {
        return wire;
    }

    public List<Member> members() {
        return members;
    }

    public static Optional<JsonMethod> ofWire(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /// Reads a call of this method.
    ///
    /// @throws org.slapos.protocol.MalformedException when a member is missing, unknown, too long or of
    /// another type
    public JsonCall<?> read(ObjectNode call) {
        Member.check(members, call);
        return reader.apply(call);
    }

    private static Member computer() {
        return text("computer_guid");
    }

    private static Member guid() {
        return text("instance_guid");
    }

    private static Member release() {
        return text("software_release_uri");
    }
}
