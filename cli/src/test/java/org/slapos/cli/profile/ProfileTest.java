package org.slapos.cli.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.slapos.cli.profile.Profile.Part;
import org.slapos.cli.profile.Profile.Source;
import org.slapos.protocol.MalformedException;

class ProfileTest {
    private static final URI URL = URI.create("https://cloud.example:8443/software/hello/software.cfg");
    private static final String HASH = "ab".repeat(32);

    private final Map<String, String> files = new HashMap<>();

    private Profile read(String text) {
        files.put("https://cloud.example:8443/software/hello/software.cfg", text);
        return Profile.read(
                URL,
                url -> Optional.ofNullable(files.get(url.toString()))
                        .orElseThrow(() -> new MalformedException("cannot fetch " + url)));
    }

    @Test
    void sourcesAndPatchesOfAPartAreListedWithTheirHashes() {
        var profile = read("""
                [buildout]
                parts = server

                [server]
                recipe = slapkit:cmmi
                sources =
                  ${slap:profile-base}/server.c#%1$s
                  ${:mirror}/Makefile#%1$s
                mirror = https://mirror.example
                patches = ${slap:profile-base}/greeting.patch#%1$s
                """.formatted(HASH));

        assertThat(profile.parts())
                .containsExactly(new Part(
                        "server",
                        "slapkit:cmmi",
                        java.util.List.of(
                                new Source("https://cloud.example:8443/software/hello/server.c", HASH),
                                new Source("https://mirror.example/Makefile", HASH)),
                        java.util.List.of(
                                new Source("https://cloud.example:8443/software/hello/greeting.patch", HASH))));
    }

    @Test
    void aUrlMayHaveItsHashBesideIt() {
        var profile = read("""
                [buildout]
                parts = data
                [data]
                recipe = slapkit:download
                url = https://x.example/data-${versions:data}.tar
                sha256 = %s
                [versions]
                data = 1.2
                """.formatted(HASH));

        assertThat(profile.parts().getFirst().sources())
                .containsExactly(new Source("https://x.example/data-1.2.tar", HASH));
    }

    @Test
    void whatExtendsWinsAndMayAddOrRemove() {
        files.put("https://cloud.example:8443/software/stack/base.cfg", """
                [buildout]
                extends = deep/er.cfg
                parts = base extra
                [base]
                recipe = slapkit:download
                url = https://x.example/base#%s
                """.formatted(HASH));
        files.put("https://cloud.example:8443/software/stack/deep/er.cfg", """
                [extra]
                recipe = slapkit:download
                url = https://x.example/extra#%s
                """.formatted(HASH));
        var profile = read("""
                # a comment
                [buildout]
                extends = ../stack/base.cfg
                parts += own
                [own]
                <= base
                url = https://x.example/own#%s
                """.formatted(HASH));

        assertThat(profile.parts()).extracting(Part::name).containsExactly("base", "extra", "own");
        assertThat(profile.option("own", "recipe")).contains("slapkit:download");
        assertThat(profile.files())
                .extracting(URI::getPath)
                .containsExactly(
                        "/software/stack/deep/er.cfg", "/software/stack/base.cfg", "/software/hello/software.cfg");
    }

    @Test
    void onlyWhatIsInstalledIsListed() {
        var profile = read("""
                [buildout]
                parts = shell
                [shell]
                recipe = slapkit:template
                inline = ${library:location}/lib
                [library]
                recipe = slapkit:cmmi
                sources = https://x.example/lib.tar#%1$s
                [unused]
                recipe = slapkit:cmmi
                sources = https://x.example/unused.tar#%1$s
                """.formatted(HASH));

        assertThat(profile.parts()).extracting(Part::name).containsExactly("library");
    }

    @Test
    void whatOnlyABuildKnowsStaysAsItIsWritten() {
        var profile = read("""
                [buildout]
                parts = a
                [a]
                recipe = x
                output = ${buildout:directory}/out
                literal = $${a:recipe}
                """);

        assertThat(profile.option("a", "output")).contains("${buildout:directory}/out");
        assertThat(profile.option("a", "literal")).contains("$${a:recipe}");
    }

    @Test
    void aCircleOfReferencesIsAnErrorThatNamesTheSection() {
        var profile = read("""
                [a]
                x = ${b:x}
                [b]
                x = ${a:x}
                """);

        assertThatThrownBy(() -> profile.option("a", "x"))
                .isInstanceOf(MalformedException.class)
                .hasMessageMatching("section \\[[ab]\\] refers to itself in a circle");
    }

    @Test
    void filesThatExtendEachOtherAreReadOnce() {
        files.put("https://cloud.example:8443/software/hello/b.cfg", "[buildout]\nextends = software.cfg\nx = 1\n");

        assertThat(read("[buildout]\nextends = b.cfg\ny = 2\n").files()).hasSize(2);
    }

    @Test
    void aLineThatIsNeitherSectionNorOptionIsNamed() {
        assertThatThrownBy(() -> read("[buildout]\nparts = a\n<html>\n"))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("software.cfg, line 3:")
                .hasMessageContaining("<html>");
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> read("[buildout]\nextends = ../gone.cfg\n"))
                .isInstanceOf(MalformedException.class)
                .hasMessage("cannot fetch https://cloud.example:8443/software/gone.cfg");
    }
}
