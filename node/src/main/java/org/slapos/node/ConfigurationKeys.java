package org.slapos.node;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slapos.protocol.NearestWord;

/// The sections and keys that a `slapos.cfg` may have: those of the field, also the ones this node has no use for, and
/// ours (`runtime`, `undo_list`, `agent_poll_seconds`, `collect_seconds`, `usage_report_seconds`,
/// `partition_isolation`, `partition_cpu_weight`, `partition_memory_max`, `partition_process_max`, `computer_ipv6`,
/// `own_source_address`, `software_retention_days`).
final class ConfigurationKeys {
    static final Set<String> SLAPOS = Set.of(
            "agent_poll_seconds",
            "build_time_part_list",
            "buildout",
            "buildout_memory_limit",
            "buildout_debug",
            "cert_file",
            "certificate_repository_path",
            "collect_cache",
            "collect_seconds",
            "computer_id",
            "develop",
            "forbid_supervisord_automatic_launch",
            "force",
            "force_stop",
            "instance_min_free_space",
            "instance_root",
            "instance_storage_home",
            "instances_at_once",
            "ipv4_global_network",
            "key_file",
            "manager_list",
            "master_ca_file",
            "master_rest_url",
            "master_url",
            "maximal_delay",
            "maximum_periodicity",
            "now",
            "only_cp",
            "only_sr",
            "partition_cpu_weight",
            "partition_isolation",
            "partition_memory_max",
            "partition_process_max",
            "partition_timeout",
            "pidfile",
            "pidfile_instance",
            "pidfile_report",
            "pidfile_software",
            "power_user_list",
            "promise_timeout",
            "root_check",
            "runtime",
            "shared_part_list",
            "software_min_free_space",
            "software_retention_days",
            "software_root",
            "start_cpu_percent",
            "start_priority",
            "supervisord_configuration_path",
            "supervisord_socket",
            "undo_list",
            "usage_report_seconds",
            "warm_buildout");

    static final Set<String> FORMAT = Set.of(
            "alter_network",
            "alter_user",
            "bridge_name",
            "computer_ipv6",
            "computer_json",
            "computer_model_id",
            "computer_xml",
            "create_tap",
            "create_tun",
            "dry_run",
            "heating_sensor_id",
            "input_definition_file",
            "interface_name",
            "ipv4_local_network",
            "ipv6_interface",
            "ipv6_prefixshift",
            "log_file",
            "no_bridge",
            "output_definition_file",
            "own_source_address",
            "partition_amount",
            "partition_base_name",
            "partition_has_ipv6_range",
            "software_user",
            "tap_base_name",
            "tap_gateway_interface",
            "tap_ipv6",
            "tun_ipv6",
            "user_base_name");

    /// Known sections with their keys; no keys = ours to pass over.
    private static final Map<String, Set<String>> SECTIONS = Map.of(
            "slapos", SLAPOS,
            "slapformat", FORMAT,
            "networkcache", Set.of(),
            "firewall", Set.of(),
            "collect", Set.of(),
            "slapproxy", Set.of(),
            "slapconsole", Set.of());

    private ConfigurationKeys() {}

    /// What is wrong with the names in a section; an option may be spelled with dashes.
    static List<String> unknown(String section, Collection<String> options) {
        if (section.equals("DEFAULT") || section.startsWith("manager") || section.startsWith("multimaster/")) {
            return List.of();
        }
        var known = SECTIONS.get(section);
        if (known == null) {
            return List.of("unknown section [" + section + "]: did you mean ["
                    + NearestWord.of(section, SECTIONS.keySet()) + "]?");
        }
        if (known.isEmpty()) {
            return List.of();
        }
        return options.stream()
                .filter(option -> !known.contains(option.replace('-', '_')))
                .sorted()
                .map(option -> "unknown key '" + option + "' in [" + section + "]: did you mean '"
                        + NearestWord.of(option, known) + "'?")
                .toList();
    }
}
