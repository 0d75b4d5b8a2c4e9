package org.slapos.cli.verbs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class PlatformTest {
    private static final Platform BOOKWORM = new Platform("x86_64-linux-gnu", List.of("debian", "12", "bookworm"));

    private static Platform entry(String json) throws IOException {
        return Platform.of(new ObjectMapper().readTree(json));
    }

    @Test
    @Tag("checklist:CL-02")
    void ofDebianTheMajorVersionCountsOfOthersAll() throws IOException {
        assertThat(entry("{\"multiarch\": \"x86_64-linux-gnu\", \"os\": [\"Debian\", \"12.5\", \"\"]}"))
                .isEqualTo(BOOKWORM);
        assertThat(entry("{\"multiarch\": \"x86_64-linux-gnu\", \"os\": [\"raspbian\", \"12\", \"x\"]}"))
                .isEqualTo(BOOKWORM);
        assertThat(entry("{\"multiarch\": \"x86_64-linux-gnu\", \"os\": [\"debian\", \"11\", \"\"]}"))
                .isNotEqualTo(BOOKWORM);
        assertThat(entry("{\"multiarch\": \"x86_64-linux-gnu\", \"os\": [\"Ubuntu\", \"22.04\", \"jammy\"]}"))
                .isEqualTo(new Platform("x86_64-linux-gnu", List.of("ubuntu", "22.04", "jammy")))
                .isNotEqualTo(new Platform("x86_64-linux-gnu", List.of("ubuntu", "22.10", "kinetic")));
    }

    @Test
    void anOldEntrySaysItInItsOwnWords() throws IOException {
        assertThat(entry("{\"machine\": \"x86_64\", \"os\": \"('debian', '12.1', '')\"}"))
                .isEqualTo(BOOKWORM);
        assertThat(entry("{}").multiarch()).isEmpty();
    }
}
