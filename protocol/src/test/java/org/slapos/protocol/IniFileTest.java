package org.slapos.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IniFileTest {
    @Test
    void theFieldsFilesAreRead() {
        var file = IniFile.parse("slapos.cfg", """
                # a comment
                [DEFAULT]
                root = /srv
                [slapos]
                Master_URL: https://slap.example/?a=b%%20c
                shared_part_list =
                  /opt/a
                ; a comment between
                  /opt/b

                empty =
                [slapformat]
                partition_amount = 10
                """);
        assertThat(file.sections()).containsExactly("DEFAULT", "slapos", "slapformat");
        assertThat(file.get("slapos", "master_url")).contains("https://slap.example/?a=b%20c");
        assertThat(file.get("slapos", "shared_part_list")).contains("\n/opt/a\n/opt/b");
        assertThat(file.get("slapos", "empty")).contains("");
        assertThat(file.get("slapformat", "root")).contains("/srv");
        assertThat(file.get("nowhere", "partition_amount")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a = b|line 1: 'a = b' stands before any [section]",
                "[s]\\nnonsense|line 2: neither a [section] nor 'option = value'",
                "[s]\\na = 1\\nA = 2|line 3: option 'a' is twice in [s]",
                "[s]\\n[s]|line 2: section [s] is there twice",
                "[s]\\na = 100%|a percent sign in a value must be doubled"
            })
    void mistakesAreNamedWithTheirLine(String text, String message) {
        assertThatThrownBy(() -> IniFile.parse("f.cfg", text.replace("\\n", "\n")))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(message);
    }

    @Test
    void theWordThatWasMeantIsFound() {
        var known = List.of("master_url", "master_rest_url", "cert_file");
        assertThat(NearestWord.of("masterurl", known)).isEqualTo("master_url");
        assertThat(NearestWord.of("x".repeat(1_000_000), known)).isNotEmpty();
        assertThat(NearestWord.of("anything", List.of())).isEmpty();
    }
}
