package org.slapos.master.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.proxy.TestProxy.COMPUTER;
import static org.slapos.master.proxy.TestProxy.SOFTWARE;
import static org.slapos.master.proxy.TestProxy.tree;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a proxy serves beside the methods: hypermedia, the network cache, its page, the way to other pages.
class WebTest {
    private static final String METADATA = "{\\\"sha512\\\": \\\"HASH\\\"}";

    @TempDir
    private Path folder;

    private Path content;
    private Path metadata;
    private TestProxy proxy;

    @BeforeEach
    void open() throws IOException {
        content = Files.createDirectory(folder.resolve("content"));
        metadata = Files.createDirectory(folder.resolve("metadata"));
        Files.writeString(Files.createDirectory(folder.resolve("public")).resolve("a.txt"), "hello");
        proxy = TestProxy.open(
                folder,
                "[slapproxy]\nshacache-content-directory = " + content + "\nshacache_metadata_directory = " + metadata
                        + "\npublic_directory_path = " + folder.resolve("public") + "\n");
    }

    @AfterEach
    void close() throws IOException {
        proxy.close();
    }

    private HttpResponse<String> send(String verb, String path, String body) {
        return send(proxy, verb, path, body);
    }

    private static HttpResponse<String> send(TestProxy proxy, String verb, String path, String body) {
        return proxy.send(proxy.to(path).method(verb, HttpRequest.BodyPublishers.ofString(body)));
    }

    private HttpResponse<String> search(String query) {
        return proxy.get("hateoas/", "mode", "search", "query", query, "select_list", "title,url_string");
    }

    @Test
    void theFieldsCommandLineFindsTreesAndComputers() {
        proxy.format(COMPUTER, 2);
        proxy.request("blog/a b");
        proxy.request("shop", "shared_xml", "<marshal><bool>1</bool></marshal>");
        proxy.request("db", "computer_id", COMPUTER, "computer_partition_id", "slappart0");
        var root = tree(proxy.get("hateoas/"));
        assertThat(root.at("/_links/raw_search/href").asText())
                .isEqualTo(proxy.url() + "hateoas/?mode=search&query={query}&select_list={select_list}");
        var found = tree(search("portal_type:\"Instance Tree\" AND validation_state:validated"))
                .at("/_embedded/contents");
        assertThat(found).hasSize(2);
        assertThat(found.get(0).path("title").asText()).isEqualTo("blog/a b");
        assertThat(found.get(0).path("url_string").asText()).isEqualTo(SOFTWARE);
        assertThat(found.get(1).path("relative_url").asText()).isEqualTo("/hateoas/shared/shop");
        var one = search("portal_type:\"Instance Tree\" AND validation_state:validated AND title:=\"shop\"");
        assertThat(tree(one).at("/_embedded/contents")).hasSize(1);
        var computers = search(
                "portal_type:\"Compute Node\" AND validation_state:validated AND reference:=\"" + COMPUTER + "\"");
        assertThat(tree(computers).at("/_embedded/contents/0/reference").asText())
                .isEqualTo(COMPUTER);
        for (var bad : new String[] {
            "portal_type:\"Person\"",
            "",
            "title:=\"a\"b\"",
            "portal_type:\"Computer\" AND validation_state:validated",
            "portal_type:\"Software Installation\" AND validation_state:validated"
        }) {
            assertThat(search(bad).statusCode()).as(bad).isEqualTo(400);
        }
    }

    @Test
    void theDetailsOfATreeAreTraversed() {
        proxy.format(COMPUTER, 1);
        proxy.request("blog");
        var hop = proxy.get("hateoas/", "mode", "traverse", "relative_url", "/hateoas/partitions/blog", "view", "v");
        assertThat(hop.statusCode()).isEqualTo(302);
        assertThat(hop.headers().firstValue("location")).hasValue(proxy.url() + "hateoas/partitions/blog");
        var view = tree(proxy.get("hateoas/partitions/blog")).at("/_embedded/_view");
        assertThat(view.at("/my_slap_state/default").asText()).isEqualTo("started");
        assertThat(view.at("/my_url_string/default").asText()).isEqualTo(SOFTWARE);
        assertThat(view.at("/my_connection_parameter_list/default").isNull()).isTrue();
        assertThat(view.at("/my_text_content/default").asText()).contains("<instance/>");
        assertThat(view.at("/my_root_slave/default").asInt(9)).isZero();
        assertThat(tree(proxy.get("hateoas/computers/" + COMPUTER))
                        .at("/_embedded/_view/my_reference/default")
                        .asText())
                .isEqualTo(COMPUTER);
        assertThat(proxy.get("hateoas/partitions/nothing").statusCode()).isEqualTo(404);
        assertThat(proxy.get("hateoas").statusCode()).isEqualTo(308);
        assertThat(proxy.get("hateoas/", "mode", "traverse", "relative_url", "//evil.example/x")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void aFileOfTheCacheIsStoredAndServedByItsHash() {
        var hash = NetworkCache.sha512("some content".getBytes(StandardCharsets.UTF_8));
        assertThat(send("GET", "/shacache/cache/" + hash, "").statusCode()).isEqualTo(404);
        var stored = send("POST", "/shacache/cache", "some content");
        assertThat(stored.statusCode()).isEqualTo(201);
        assertThat(stored.body()).isEqualTo(hash);
        assertThat(send("POST", "/shacache/cache/", "some content").body()).isEqualTo(hash);
        assertThat(send("PUT", "/shacache/cache/" + hash, "some content").statusCode())
                .isEqualTo(201);
        var wrong = send("PUT", "/shacache/cache/" + hash, "other content");
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(wrong.body()).contains("Checksum mismatch");
        var got = send("GET", "/shacache/cache/" + hash, "");
        assertThat(got.body()).isEqualTo("some content");
        assertThat(got.headers().firstValue("content-type")).hasValue("application/octet-stream");
        assertThat(got.headers().firstValue("accept-ranges")).hasValue("bytes");
        assertThat(got.headers().firstValue("last-modified")).isPresent();
        var part = proxy.send(proxy.to("/shacache/cache/" + hash).header("Range", "bytes=5-"));
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo("content");
        assertThat(part.headers().firstValue("content-range")).hasValue("bytes 5-11/12");
        assertThat(proxy.send(proxy.to("/shacache/cache/" + hash).header("Range", "bytes=-3"))
                        .body())
                .isEqualTo("ent");
        assertThat(proxy.send(proxy.to("/shacache/cache/" + hash).header("Range", "bytes=12-"))
                        .statusCode())
                .isEqualTo(416);
        assertThat(send("GET", "/shacache/cache/..%2f..%2fproxy.cfg", "").statusCode())
                .isBetween(400, 404);
    }

    @Test
    void anEntryReplacesThoseOfItsKey() {
        var key = "/shacache/dir/pypi:a=1.0";
        assertThat(send("GET", key, "").statusCode()).isEqualTo(404);
        assertThat(send("PUT", key, "[\"" + METADATA + "\", \"\"]").statusCode())
                .isEqualTo(201);
        assertThat(send("PUT", key, "[\"" + METADATA + "\", \"s\"]").statusCode())
                .isEqualTo(201);
        assertThat(send("GET", key, "").body()).isEqualTo("[[\"" + METADATA + "\",\"s\"]]");
        for (var bad : new String[] {"{}", "[1]", "[1, 2, 3]", "[", ""}) {
            assertThat(send("PUT", key, bad).statusCode()).as(bad).isEqualTo(400);
        }
        assertThat(send("PUT", "/shacache/dir/.hidden", "[1, 2]").statusCode()).isEqualTo(404);
    }

    @Test
    void anUpdateDropsEntriesWithoutTheirFile() throws IOException {
        var hash = send("POST", "/shacache/cache", "kept").body();
        send("PUT", "/shacache/dir/kept", "[\"" + METADATA.replace("HASH", hash) + "\", \"\"]");
        send("PUT", "/shacache/dir/lost", "[\"" + METADATA.replace("HASH", "0".repeat(128)) + "\", \"\"]");
        Files.writeString(metadata.resolve("broken"), "{");
        assertThat(send("POST", "/shacache/update", "").body())
                .isEqualTo("{\"removed\":[\"broken\",\"lost\"],\"updated\":[]}");
        assertThat(metadata).isDirectoryNotContaining("glob:**lost").isDirectoryContaining("glob:**kept");
    }

    @Test
    void whatIsMissingComesFromUpstream(@TempDir Path elsewhere) throws IOException {
        var hash = send("POST", "/shacache/cache", "from upstream").body();
        send("PUT", "/shacache/dir/key", "[\"" + METADATA.replace("HASH", hash) + "\", \"\"]");
        var near = Files.createDirectory(elsewhere.resolve("content"));
        try (var other = TestProxy.open(
                elsewhere,
                "[slapproxy]\nshacache-content-directory = " + near + "\nshacache-metadata-directory = "
                        + Files.createDirectory(elsewhere.resolve("metadata"))
                        + "\nshacache-upstream-cache-url = " + proxy.url() + "shacache/cache\n"
                        + "shacache-upstream-dir-url = " + proxy.url() + "shacache/dir/\n")) {
            assertThat(send(other, "GET", "/shacache/cache/" + hash, "").body()).isEqualTo("from upstream");
            assertThat(near.resolve(hash)).hasContent("from upstream");
            assertThat(send(other, "GET", "/shacache/dir/key", "").body()).contains(hash);
            assertThat(send(other, "GET", "/shacache/dir/nothing", "").statusCode())
                    .isEqualTo(404);
            assertThat(send(other, "GET", "/shacache/cache/" + "0".repeat(128), "")
                            .statusCode())
                    .isEqualTo(404);
            Files.writeString(content.resolve("1".repeat(128)), "not what its name says");
            assertThat(send(other, "GET", "/shacache/cache/" + "1".repeat(128), "")
                            .statusCode())
                    .isEqualTo(502);
            assertThat(near).isDirectoryNotContaining("glob:**.new*");
            assertThat(send(other, "POST", "/shacache/update", "").body())
                    .isEqualTo("{\"removed\":[],\"updated\":[\"key\"]}");
            Files.delete(metadata.resolve("key"));
            assertThat(send(other, "POST", "/shacache/update", "").body())
                    .isEqualTo("{\"removed\":[\"key\"],\"updated\":[]}");
        }
    }

    @Test
    void withoutFoldersThereIsNoCacheAndNothingPublic() throws IOException {
        try (var plain = TestProxy.open()) {
            for (var path : new String[] {"cache/" + "0".repeat(128), "cache", "dir/key", "update"}) {
                assertThat(send(plain, "GET", "/shacache/" + path, "").statusCode())
                        .isEqualTo(503);
            }
            assertThat(plain.get("panel/public/a.txt").statusCode()).isEqualTo(403);
        }
    }

    @Test
    void thePageShowsWhatIsThereAndEscapesIt() {
        proxy.format(COMPUTER, 1);
        proxy.request("<script>blog");
        var home = proxy.get("");
        assertThat(home.statusCode()).isEqualTo(302);
        assertThat(home.headers().firstValue("location")).hasValue("/panel/");
        assertThat(proxy.get("panel/").body())
                .contains("slappart0", "&lt;script&gt;blog", COMPUTER)
                .doesNotContain("<script>");
    }

    @Test
    void publicFilesAreAttachmentsAndNothingElseIsServed() throws IOException {
        Files.createSymbolicLink(folder.resolve("public/link"), folder.resolve("proxy.cfg"));
        var file = proxy.get("panel/public/a.txt");
        assertThat(file.body()).isEqualTo("hello");
        assertThat(file.headers().firstValue("content-disposition")).hasValue("attachment");
        for (var path : new String[] {"link", "../proxy.cfg", "%2e%2e/proxy.cfg", "nothing", ""}) {
            assertThat(proxy.get("panel/public/" + path).statusCode()).as(path).isIn(400, 404);
        }
    }

    @Test
    void anotherPageIsReachedThroughTheProxy() throws IOException {
        proxy.format(COMPUTER, 1);
        try (var other = TestProxy.open()) {
            var authority = other.url().getAuthority();
            var through =
                    proxy.get("http_proxy/http/" + authority + "/getFullComputerInformation", "computer_id", COMPUTER);
            assertThat(through.statusCode()).isEqualTo(200);
            assertThat(through.body()).contains(COMPUTER);
            assertThat(through.headers().firstValue("content-disposition")).hasValue("attachment");
            assertThat(proxy.get("http_proxy/http/" + authority + "/getFullComputerInformation", "computer_id", "x y")
                            .statusCode())
                    .isEqualTo(520);
            assertThat(proxy.get("http_proxy/http/" + authority + "/").headers().firstValue("location"))
                    .hasValue(proxy.url() + "http_proxy/http/" + authority + "/panel/");
            assertThat(proxy.get("http_proxy/https/" + authority + "/").statusCode())
                    .isEqualTo(526);
        }
        assertThat(proxy.get("http_proxy/http/127.0.0.1:9/").statusCode()).isEqualTo(523);
        assertThat(proxy.get("http_proxy/file/etc/passwd").statusCode()).isEqualTo(404);
        assertThat(proxy.post("http_proxy/http/127.0.0.1:9/").statusCode()).isEqualTo(405);
    }
}
