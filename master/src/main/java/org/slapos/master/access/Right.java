package org.slapos.master.access;

import static org.slapos.master.access.Caller.*;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The access matrix: who may call what, for all doors. A line is one right: the methods that need it, by their names
/// on the wire, and who has it. A method that stands in no line is refused to everybody.
///
/// Read beside the field's own matrix (Compute Node, Software Installation, Software Instance, Certificate Login),
/// it is tightened where that one lets whoever breaks into one instance control the tree: an instance writes to
/// itself, to what it requests and to what it hosts. What nodes are paid by, nodes report: an instance does not say
/// of itself that it runs, or is gone. Who is no operator sees of a Computer no more than its state, since its
/// document shows what others run there. The key of an instance goes to it and to its Computer.
public enum Right {
    // ---- The Master
    COME_IN(methods("health", "software", "viewOpenAPIAsJson"), ANYONE),
    REGISTER(methods("Person_requestComputer", "Person_getCertificate"), TOKEN),
    LOOK_AROUND(
            methods("getHateoasUrl", "getSoftwareReleaseListFromSoftwareProduct", "slapos.get.v0.hateoas_url"),
            CERTIFIED),
    LIST_OWN(
            methods(
                    "hateoas",
                    "slapos.allDocs.WIP.compute_node_list",
                    "slapos.allDocs.v0.movement_list",
                    "slapos.put.v0.software_product",
                    "slapos.get.v0.market_figures",
                    "slapos.put.v0.instance_pool",
                    "slapos.allDocs.v0.instance_pool_list",
                    "slapos.put.v0.request_brake",
                    "slapos.get.v0.request_brake",
                    "slapos.post.v0.compute_node_token",
                    "requestComputer"),
            PERSON),
    /// Everybody's own; a person's are also those of their Computers and of the instances in their trees.
    OWN_CERTIFICATES(
            methods("slapos.get.v0.certificate", "slapos.allDocs.v0.certificate_list", "slapos.remove.v0.certificate"),
            CERTIFIED),
    /// An instance's is renewed for it.
    RENEW_CERTIFICATE(methods("slapos.post.v0.certificate_renewal"), PERSON, ANY_COMPUTER),

    /// Who may see, make and change whom, and say who holds which function, stands in `party.PartyRules`: the use-cases
    /// look closer. The trail shows what one did, and what was done to what one may see.
    BE_SOMEBODY(
            methods(
                    "slapos.post.v0.party",
                    "slapos.get.v0.party",
                    "slapos.allDocs.v0.party_list",
                    "slapos.put.v0.party",
                    "slapos.put.v0.party_state",
                    "slapos.post.v0.assignment",
                    "slapos.remove.v0.assignment",
                    "slapos.allDocs.v0.assignment_list",
                    "slapos.post.v0.invitation_token",
                    "slapos.post.v0.invitation",
                    "slapos.post.v0.person_certificate_token",
                    "slapos.post.v0.feed_token",
                    "slapos.allDocs.v0.token_list",
                    "slapos.remove.v0.token",
                    "slapos.allDocs.v0.session_list",
                    "slapos.remove.v0.session",
                    "slapos.put.v0.login_block",
                    "slapos.allDocs.v0.event_list"),
            PERSON),

    // ---- A Computer
    SEE_COMPUTER(
            methods("getComputerStatus", "slapos.get.v0.compute_node_status", "slapos.get.v0.compute_node_offer"),
            COMPUTER,
            COMPUTER_OWNER,
            TENANT,
            CUSTOMER,
            AGENT,
            MANAGER,
            SALE),
    SEE_SOFTWARE(
            methods(
                    "getSoftwareInstallationStatus",
                    "slapos.get.v0.software_installation",
                    "slapos.allDocs.v0.compute_node_software_installation_list"),
            COMPUTER,
            COMPUTER_OWNER,
            CUSTOMER,
            AGENT,
            MANAGER),
    /// An instance sees of it itself only.
    SEE_PARTITIONS(
            methods(
                    "getFullComputerInformation",
                    "getComputerInformation",
                    "slapos.allDocs.v0.compute_node_instance_list"),
            COMPUTER,
            COMPUTER_OWNER,
            TENANT,
            AGENT,
            MANAGER),
    SUPPLY(methods("supplySupply", "slapos.post.v0.software_installation"), COMPUTER_OWNER, AGENT, MANAGER),
    OFFER(methods("slapos.put.v0.compute_node_offer", "slapos.put.v0.allocation_supply"), COMPUTER_OWNER, MANAGER),
    LOSE_COMPUTER(methods("slapos.remove.v0.compute_node"), COMPUTER_OWNER, MANAGER),
    JOIN_NETWORK(methods("slapos.put.v0.compute_node_network"), COMPUTER_OWNER, AGENT, MANAGER),
    BANG_COMPUTER(methods("computerBang", "slapos.put.v0.compute_node_bang"), COMPUTER, COMPUTER_OWNER, AGENT, MANAGER),
    ISSUE_COMPUTER_CERTIFICATE(
            methods("generateComputerCertificate", "slapos.post.v0.compute_node_certificate"),
            COMPUTER_OWNER,
            AGENT,
            MANAGER),
    REVOKE_COMPUTER_CERTIFICATE(
            methods("revokeComputerCertificate", "slapos.remove.v0.compute_node_certificate"),
            COMPUTER,
            COMPUTER_OWNER,
            AGENT,
            MANAGER),
    REPORT_OF_COMPUTER(
            methods(
                    "loadComputerConfigurationFromXML",
                    "useComputer",
                    "buildingSoftwareRelease",
                    "availableSoftwareRelease",
                    "destroyedSoftwareRelease",
                    "softwareReleaseError",
                    "slapos.put.v0.compute_node_format",
                    "slapos.post.v0.compute_node_usage",
                    "slapos.put.v0.software_installation_reported_state",
                    "slapos.put.v0.software_installation_error"),
            COMPUTER),

    // ---- An instance
    SEE_INSTANCE(
            methods(
                    "registerComputerPartition",
                    "getComputerPartitionStatus",
                    "slapos.get.v0.software_instance",
                    "slapos.get.v0.compute_partition"),
            COMPUTER,
            COMPUTER_OWNER,
            TENANT,
            PARENT,
            HOST,
            TREE,
            TREE_OWNER,
            AGENT,
            MANAGER),
    SEE_TREE_ADDRESSES(
            methods("getHostingSubscriptionIpList"), COMPUTER, TENANT, PARENT, TREE, TREE_OWNER, AGENT, MANAGER),
    SEE_HOSTED(
            methods("slapos.allDocs.v0.instance_node_instance_list"),
            COMPUTER,
            COMPUTER_OWNER,
            TENANT,
            TREE_OWNER,
            AGENT,
            MANAGER),
    FETCH_KEY(
            methods("getComputerPartitionCertificate", "slapos.get.v0.software_instance_certificate"),
            COMPUTER,
            TENANT),
    REQUEST(
            methods("requestComputerPartition", "slapos.post.v0.software_instance", "slapos.get.v0.instance_plan"),
            PERSON,
            ANY_COMPUTER,
            ANY_INSTANCE),
    /// In the name of the instance in a partition.
    REQUEST_FOR(methods("requestComputerPartition computer_id"), COMPUTER, TENANT, TREE_OWNER, AGENT, MANAGER),
    EXPLAIN(methods("slapos.get.v0.instance_explanation"), TENANT, PARENT, TREE, TREE_OWNER, AGENT, MANAGER),
    SEE_OWN_TREES(methods("slapos.get.v0.instance_tree", "slapos.allDocs.v0.instance_tree_list"), PERSON, ANY_COMPUTER),
    BANG(
            methods("softwareInstanceBang", "slapos.put.v0.software_instance_bang"),
            COMPUTER,
            TENANT,
            PARENT,
            HOST,
            TREE_OWNER,
            AGENT,
            MANAGER),
    RENAME(
            methods("softwareInstanceRename", "slapos.put.v0.software_instance_title"),
            TENANT,
            PARENT,
            TREE_OWNER,
            AGENT,
            MANAGER),
    PUBLISH(
            methods(
                    "setComputerPartitionConnectionXml",
                    "updateComputerPartitionRelatedInstanceList",
                    "slapos.put.v0.software_instance_connection_parameter"),
            COMPUTER,
            TENANT,
            HOST),
    BACK_UP(methods("slapos.put.v0.software_instance_backup_url"), COMPUTER, TENANT, TREE_OWNER),
    REPORT_ERROR(methods("softwareInstanceError", "slapos.put.v0.software_instance_error"), COMPUTER, TENANT, HOST),
    REPORT_STATE(
            methods(
                    "startedComputerPartition",
                    "stoppedComputerPartition",
                    "destroyedComputerPartition",
                    "slapos.put.v0.software_instance_reported_state"),
            COMPUTER);

    private static final Map<String, Right> BY_METHOD = Arrays.stream(values())
            .flatMap(right -> right.methods.stream().map(method -> Map.entry(method, right)))
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

    @SuppressWarnings("ImmutableEnumChecker") // unmodifiable
    private final List<String> methods;

    @SuppressWarnings("ImmutableEnumChecker") // unmodifiable
    private final Set<Caller> callers;

    Right(List<String> methods, Caller... callers) {
        this.methods = methods;
        this.callers = Set.of(callers);
    }

    private static List<String> methods(String... names) {
        return List.of(names);
    }

    /// What a method needs; nothing for one that stands in no line.
    public static Optional<Right> of(String method) {
        return Optional.ofNullable(BY_METHOD.get(method));
    }

    /// By their names on the wire.
    public List<String> methods() {
        return methods;
    }

    public Set<Caller> callers() {
        return callers;
    }

    /// For messages: who has it.
    String words() {
        return callers.stream().sorted().map(Caller::toString).collect(Collectors.joining(", "));
    }
}
