package org.slapos.world.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.slapos.protocol.AccessStatus;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.PartitionInformation;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareInformation;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapClient.InstanceReport;
import org.slapos.protocol.client.SlapClient.RequestAnswer;
import org.slapos.protocol.client.SlapClient.SoftwareReport;
import org.slapos.protocol.client.SlapException;
import org.slapos.protocol.jsonrpc.Instance;
import org.slapos.protocol.jsonrpc.InstanceCall;
import org.slapos.protocol.jsonrpc.Rows;

/// A Computer with two partitions lives its life: from format to the day nothing is left on it.
final class Scenario implements AutoCloseable {
    private static final String RELEASE = "https://soft.example/hello/software.cfg?a=1&b=2";
    private static final Map<String, String> PARAMETERS = Map.of("_", "{\"text\": \"a & <b> é\"}", "amp", "&amp; &lt;");
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Target target;
    private final SlapClient requester;
    private final SlapClient node;

    Scenario(Target target) throws IOException {
        this.target = target;
        this.requester = target.asRequester();
        this.node = target.asNode();
    }

    void play() throws IOException, InterruptedException {
        format();
        supply();
        var blog = request();
        start(blog);
        publish(blog);
        show(blog);
        share(blog);
        var database = requestChild(blog);
        isFull();
        var renamed = rename(blog);
        bang(renamed);
        destroyChild(database, renamed);
        stop(renamed);
        destroy(renamed);
        remove();
    }

    private void format() {
        var partitions = IntStream.range(0, 2)
                .mapToObj(i -> new ComputerConfiguration.Partition(
                        new PartitionId("slappart" + i),
                        "/srv/slapgrid/slappart" + i,
                        "slapuser" + i,
                        List.of(
                                new ComputerConfiguration.Address("10.0.0." + i, "255.255.255.255"),
                                new ComputerConfiguration.Address("2001:db8::" + i, "ffff:ffff:ffff::")),
                        ComputerConfiguration.Tap.named("slaptap" + i),
                        List.of()))
                .toList();
        node.configure(new ComputerConfiguration(
                target.computer(), "2001:db8::1", "ffff:ffff:ffff::", Map.of("os_type", "[]"), partitions));
        assertThat(information().partitions())
                .extracting(PartitionInformation::partition)
                .containsExactlyInAnyOrder(new PartitionId("slappart0"), new PartitionId("slappart1"));
        assertThat(busy()).isEmpty();
    }

    /// By the command, then once more by the client: twice is once.
    private void supply() throws IOException, InterruptedException {
        slapos("supply", RELEASE, target.computer().text());
        requester.supply(RELEASE, target.computer(), SoftwareState.AVAILABLE);
        assertThat(information().software()).containsExactly(new SoftwareInformation(RELEASE, SoftwareState.AVAILABLE));
        node.report(target.computer(), RELEASE, SoftwareReport.BUILDING);
        if (target.differences().keepsStatuses()) {
            assertThat(node.status(target.computer(), RELEASE).map(AccessStatus::isBuilding))
                    .contains(true);
        }
        node.report(target.computer(), RELEASE, SoftwareReport.AVAILABLE);
    }

    private InstanceInformation request() throws IOException, InterruptedException {
        var blog = placed(requester, root("blog", RequestedState.STARTED));
        assertThat(blog.guid()).matches(target.differences().guid());
        var promised = promised(blog);
        assertThat(promised.parameters()).isEqualTo(PARAMETERS);
        assertThat(promised.state()).isEqualTo(RequestedState.STARTED);
        assertThat(promised.softwareRelease()).isEqualTo(RELEASE);
        assertThat(promised.addresses()).hasSize(2);
        assertThat(promised.timestamp()).matches(target.differences().timestamp());

        assertThat(placed(requester, root("blog", RequestedState.STARTED)).guid())
                .isEqualTo(blog.guid());
        assertThat(promised(blog)).isEqualTo(promised);
        assertThat(busy()).hasSize(1);
        return blog;
    }

    private void start(InstanceInformation blog) {
        var before = promised(blog).timestamp();
        node.report(blog.computer(), blog.partition(), InstanceReport.STARTED);
        assertThat(promised(blog).timestamp()).isEqualTo(before);
        if (target.differences().keepsStatuses()) {
            assertThat(node.status(blog.computer(), blog.partition()).map(AccessStatus::isAccess))
                    .contains(true);
        }
    }

    private void publish(InstanceInformation blog) {
        var published = Map.of("url", "http://[2001:db8::2]:8080/?x=1&y=<é>", "password", "&lt;secret&gt;");
        node.connection(blog.computer(), blog.partition(), published);
        assertThat(placed(requester, root("blog", RequestedState.STARTED)).connection())
                .isEqualTo(published);
    }

    /// In the three ways that there are: JSON, hypermedia and the commands.
    private void show(InstanceInformation blog) throws IOException, InterruptedException {
        assertThat(requester.json(new InstanceCall.Trees()).rows()).contains(new Rows.Tree("blog"));
        assertThat(requester.json(new InstanceCall.Root("blog"))).isInstanceOfSatisfying(Instance.class, shown -> {
            assertThat(shown.partition()).isEqualTo(blog.partition().text());
            assertThat(shown.parameters()).isEqualTo(PARAMETERS);
        });
        var hypermedia = requester
                .hypermedia(target.differences().hypermedia(target.master()))
                .orElseThrow();
        assertThat(hypermedia.trees()).containsEntry("blog", RELEASE);
        var shown = hypermedia.tree("blog").orElseThrow();
        assertThat(shown.softwareRelease()).isEqualTo(RELEASE);
        assertThat(shown.parameters()).isEqualTo(PARAMETERS);
        assertThat(shown.connection()).containsKey("url");
        assertThat(hypermedia.computers()).containsKey(target.computer().text());
        assertThat(hypermedia.tree("unheard of")).isEmpty();
        assertThat(slapos("service", "list")).contains("blog", RELEASE);
        assertThat(slapos("service", "info", "blog")).contains(RELEASE);
    }

    private void share(InstanceInformation host) {
        var shop = shared(RequestedState.STARTED);
        assertThat(placed(requester, shop).partition()).isEqualTo(host.partition());
        var entry = promised(host).sharedInstances().getFirst();
        assertThat(entry).containsEntry("domain", "shop.example");
        var reference = entry.getOrDefault("slave_reference", "");
        node.connection(host.computer(), host.partition(), reference, Map.of("site", "http://shop.example/"));
        assertThat(placed(requester, shop).connection()).containsEntry("site", "http://shop.example/");
        request(requester, shared(RequestedState.DESTROYED));
        assertThat(promised(host).sharedInstances()).isEmpty();
    }

    private InstanceInformation requestChild(InstanceInformation blog) throws IOException {
        try (var instance = instance(blog)) {
            var database = placed(instance, child(blog, "database", RequestedState.STARTED));
            assertThat(database.partition()).isNotEqualTo(blog.partition());
            assertThat(promised(database).rootTitle()).isEqualTo("blog");
            assertThat(placed(instance, child(blog, "database", RequestedState.STARTED))
                            .guid())
                    .isEqualTo(database.guid());
            node.report(database.computer(), database.partition(), InstanceReport.STARTED);
            return database;
        }
    }

    private void isFull() throws IOException, InterruptedException {
        var third = root("third", RequestedState.STARTED);
        target.slapos("request", "third", RELEASE, "--node", "computer_guid=" + target.computer())
                .with(target.differences().saysNotReady() ? 2 : 1);
        if (target.differences().saysNotReady()) {
            assertThat(requester.request(third)).isInstanceOf(RequestAnswer.NotReady.class);
            assertThat(requester.request(root("third", RequestedState.DESTROYED)))
                    .isInstanceOf(RequestAnswer.NotReady.class);
        } else {
            assertThatThrownBy(() -> requester.request(third))
                    .isInstanceOfSatisfying(
                            SlapException.class, e -> assertThat(e.kind()).isEqualTo(SlapException.Kind.NOT_FOUND));
        }
    }

    private InstanceInformation rename(InstanceInformation blog) throws IOException {
        try (var instance = instance(blog)) {
            instance.rename(blog.computer(), blog.partition(), "journal");
        }
        var journal = placed(requester, root("journal", RequestedState.STARTED));
        assertThat(journal.partition()).isEqualTo(blog.partition());
        assertThat(busy()).hasSize(2);
        return journal;
    }

    private void bang(InstanceInformation journal) {
        var before = promised(journal).timestamp();
        node.bang(journal.computer(), journal.partition(), "a promise failed");
        assertThat(promised(journal).timestamp())
                .isNotEqualTo(before)
                .matches(target.differences().timestamp());
        node.bang(journal.computer(), "the power is back");
    }

    private void stop(InstanceInformation journal) {
        var before = promised(journal).timestamp();
        request(requester, root("journal", RequestedState.STOPPED));
        var stopped = promised(journal);
        assertThat(stopped.state()).isEqualTo(RequestedState.STOPPED);
        assertThat(stopped.timestamp()).isNotEqualTo(before);
        node.report(journal.computer(), journal.partition(), InstanceReport.STOPPED);
    }

    /// A partition is free once its node says so.
    private void destroyChild(InstanceInformation database, InstanceInformation journal) throws IOException {
        try (var instance = instance(journal)) {
            isGone(request(instance, child(journal, "database", RequestedState.DESTROYED)));
        }
        assertThat(promised(database).state()).isEqualTo(RequestedState.DESTROYED);
        node.report(database.computer(), database.partition(), InstanceReport.DESTROYED);
        assertThat(busy()).extracting(InstanceInformation::partition).containsExactly(journal.partition());
    }

    private void destroy(InstanceInformation journal) {
        isGone(request(requester, root("journal", RequestedState.DESTROYED)));
        assertThat(promised(journal).state()).isEqualTo(RequestedState.DESTROYED);
        node.report(journal.computer(), journal.partition(), InstanceReport.STOPPED);
        node.report(journal.computer(), journal.partition(), InstanceReport.DESTROYED);
        assertThat(busy()).isEmpty();
    }

    private void isGone(RequestAnswer answer) {
        if (target.differences().saysNotReady()) {
            assertThat(answer).isInstanceOf(RequestAnswer.NotReady.class);
        } else {
            assertThat(answer)
                    .isInstanceOfSatisfying(
                            RequestAnswer.Placed.class,
                            placed -> assertThat(placed.instance().state()).isEqualTo(RequestedState.DESTROYED));
        }
    }

    private void remove() throws IOException, InterruptedException {
        slapos("remove", RELEASE, target.computer().text());
        assertThat(information().software()).containsExactly(new SoftwareInformation(RELEASE, SoftwareState.DESTROYED));
        node.report(target.computer(), RELEASE, SoftwareReport.DESTROYED);
        assertThat(information().software()).isEmpty();
    }

    private SlapClient instance(InstanceInformation instance) throws IOException {
        return target.asInstance(node.partitionCertificate(instance.computer(), instance.partition()));
    }

    private InstanceRequest root(String reference, RequestedState state) {
        return wanted(reference, false, PARAMETERS, state, Optional.empty());
    }

    private InstanceRequest child(InstanceInformation asker, String reference, RequestedState state) {
        return wanted(
                reference,
                false,
                Map.of(),
                state,
                Optional.of(new InstanceRequest.From(asker.computer(), asker.partition())));
    }

    private InstanceRequest shared(RequestedState state) {
        return wanted("shop", true, Map.of("domain", "shop.example"), state, Optional.empty());
    }

    private InstanceRequest wanted(
            String reference,
            boolean shared,
            Map<String, String> parameters,
            RequestedState state,
            Optional<InstanceRequest.From> from) {
        return new InstanceRequest(
                RELEASE,
                InstanceRequest.DEFAULT_TYPE,
                reference,
                shared,
                parameters,
                Map.of("computer_guid", target.computer().text()),
                Optional.of(state),
                from,
                Optional.empty());
    }

    private static RequestAnswer request(SlapClient who, InstanceRequest wanted) {
        return who.request(wanted);
    }

    /// Asks until it is there: some Masters place in the background.
    private static InstanceInformation placed(SlapClient who, InstanceRequest wanted) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            switch (who.request(wanted)) {
                case RequestAnswer.Placed(var instance) -> {
                    return instance;
                }
                case RequestAnswer.NotReady(var reason) -> {
                    if (System.nanoTime() > end) {
                        throw new AssertionError(wanted.reference() + " is not ready: " + reason);
                    }
                    pause();
                }
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(1000);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    private ComputerInformation information() {
        return target.information(node);
    }

    private List<InstanceInformation> busy() {
        return target.busy(node);
    }

    /// What the node is told, which is the same in the whole document and alone.
    private InstanceInformation promised(InstanceInformation instance) {
        var promised = busy().stream()
                .filter(it -> it.partition().equals(instance.partition()))
                .findFirst()
                .orElseThrow(() -> new AssertionError(instance.partition() + " is free"));
        var alone = node.partition(instance.computer(), instance.partition()).instance();
        assertThat(alone.map(InstanceInformation::timestamp)).contains(promised.timestamp());
        assertThat(alone.map(InstanceInformation::parameters)).contains(promised.parameters());
        return promised;
    }

    private String slapos(String... words) throws IOException, InterruptedException {
        return target.slapos(words).with(0).output();
    }

    @Override
    public void close() {
        requester.close();
        node.close();
    }
}
