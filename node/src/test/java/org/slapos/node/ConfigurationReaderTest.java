package org.slapos.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.IniFile;

class ConfigurationReaderTest {
    private static final String LEAST = """
            [slapos]
            computer_id = COMP-1
            master_url = https://slap.example:8443/slap
            software_root = /opt/slapgrid
            instance_root = /srv/slapgrid
            """;

    private static NodeConfiguration read(String text, Map<String, String> commandLine) {
        return ConfigurationReader.of(IniFile.parse("slapos.cfg", text), commandLine);
    }

    @Test
    void whatIsNotSaidHasTheFieldsDefault() {
        var configuration = read(LEAST, Map.of());

        assertThat(configuration.computerId()).isEqualTo(new ComputerId("COMP-1"));
        assertThat(configuration.masterUrl()).hasToString("https://slap.example:8443/slap/");
        assertThat(configuration.rootCheck()).isTrue();
        assertThat(configuration.promiseTimeout()).isEqualTo(Duration.ofSeconds(20));
        assertThat(configuration.softwareMinFreeSpaceBytes()).isEqualTo(1000L << 20);
        assertThat(configuration.agentPoll()).isEqualTo(Duration.ofSeconds(2));
        assertThat(configuration.format()).isEmpty();
    }

    @Test
    void theCommandLineWins() {
        var configuration =
                read(LEAST + "promise_timeout = 7\n", Map.of("promise-timeout", "9", "root_check", "False"));

        assertThat(configuration.promiseTimeout()).isEqualTo(Duration.ofSeconds(9));
        assertThat(configuration.rootCheck()).isFalse();
    }

    @Test
    void collectingIsOnUnlessSwitchedOffAndSizesAreAskedForByEitherName() {
        var byDefault = read(LEAST, Map.of()).collecting();
        assertThat(byDefault.every()).contains(Duration.ofMinutes(1));
        assertThat(byDefault.diskUsage()).isTrue();
        assertThat(byDefault.diskCycle()).isEqualTo(Duration.ofDays(1));
        assertThat(byDefault.days()).isEqualTo(15);

        var said = read(
                        LEAST + "collect_seconds = 0\ncollect_cache = 3\n[collect]\nenable = False\ntime_cycle = 60\n",
                        Map.of())
                .collecting();
        assertThat(said.every()).isEmpty();
        assertThat(said.days()).isEqualTo(3);
        assertThat(said.diskUsage()).isFalse();
        assertThat(said.diskCycle()).isEqualTo(Duration.ofMinutes(1));
        assertThat(read(LEAST + "[collect]\nreport_disk_usage = false\n", Map.of())
                        .collecting()
                        .diskUsage())
                .isFalse();
        assertThatThrownBy(() -> read(LEAST + "collect_seconds = often\n", Map.of()))
                .hasMessageContaining("collect_seconds");
    }

    @Test
    void slapformatIsRead() {
        var format = read(LEAST + """
                shared_part_list =
                  /opt/shared/old
                  /opt/shared/new
                [slapformat]
                partition_amount = 10
                computer_xml = /opt/slapos/slapos.xml
                interface_name = lo
                ipv4_local_network = 10.0.0.0/16
                """, Map.of());

        assertThat(format.sharedPartList()).containsExactly(Path.of("/opt/shared/old"), Path.of("/opt/shared/new"));
        assertThat(format.format().orElseThrow().ipv6Interface()).contains("lo");
        assertThat(format.format().orElseThrow().partitionAmount()).isEqualTo(10);
    }

    @Test
    void everythingThatIsWrongIsSaidAtOnce() {
        assertThatThrownBy(() -> read("""
                        [slapos]
                        computer_idd = COMP-1
                        master_url = ftp://slap.example
                        software_root = /opt/slapgrid
                        root_check = maybe
                        promise_timeout = soon
                        instance_min_free_space = 10 parsecs
                        key_file = /no/such/key
                        [slapfromat]
                        partition_amount = 10
                        """, Map.of()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("slapos.cfg")
                .hasMessageContaining("unknown key 'computer_idd' in [slapos]: did you mean 'computer_id'?")
                .hasMessageContaining("unknown section [slapfromat]: did you mean [slapformat]?")
                .hasMessageContaining("computer_id is missing")
                .hasMessageContaining("instance_root is missing")
                .hasMessageContaining("master_url is no http or https URL: 'ftp://slap.example'")
                .hasMessageContaining("root_check must be true or false, not 'maybe'")
                .hasMessageContaining("promise_timeout must be a whole number of seconds")
                .hasMessageContaining("instance_min_free_space must be a size")
                .hasMessageContaining("there is no readable file /no/such/key")
                .hasMessageContaining("key_file and cert_file belong together");
    }

    @Test
    void aBareIpv6MasterIsBracketed() {
        assertThat(read(LEAST.replace("https://slap.example:8443/slap", "fd00::1"), Map.of())
                        .masterUrl())
                .hasToString("https://[fd00::1]/");
    }

    @Test
    void aMissingFileIsNamedWithWhatToDo() {
        assertThatThrownBy(() -> ConfigurationReader.read(Path.of("/no/such/slapos.cfg"), Map.of()))
                .hasMessageContaining("/no/such/slapos.cfg")
                .hasMessageContaining("slapos node register");
    }

    @Test
    void aPrefixTooShortForThePartitionsAndRemovedFeaturesAreRefused() {
        assertThatThrownBy(() -> read(LEAST + """

                        [slapformat]
                        partition_amount = 17
                        computer_xml = /etc/slapos.xml
                        interface_name = lo
                        ipv4_local_network = 10.0.0.0/16
                        ipv6_prefixshift = 6
                        bridge_name = br0
                        """, Map.of()))
                .hasMessageContaining("ipv6_prefixshift = 6 is too little for 17 partitions")
                .hasMessageContaining("bridge_name is of an older SlapOS");
    }

    @Test
    void managersAreNamedAndOneThatIsNoneIsRefused() {
        var managers = read(LEAST + "manager_list = devperm, prerm portredir\n", Map.of())
                .managers();
        assertThat(managers).isEqualTo(new NodeConfiguration.Managers(true, true, false, java.util.Optional.empty()));
        assertThat(read(LEAST, Map.of()).managers().devperm()).isFalse();
        assertThat(read(LEAST + "[manager:devperm]\nallowed-disk-for-vm =\n", Map.of())
                        .managers()
                        .allowedDisks())
                .contains(java.util.List.of());
        assertThat(read(LEAST + "[manager:devperm]\nallowed-disk-for-vm = /dev/sdb\n  /dev/sdc\n", Map.of())
                        .managers()
                        .allowedDisks())
                .contains(java.util.List.of(Path.of("/dev/sdb"), Path.of("/dev/sdc")));

        assertThatThrownBy(() -> read(LEAST + "manager_list = devprem\n", Map.of()))
                .hasMessageContaining("no manager 'devprem': did you mean 'devperm'?");
    }
}
