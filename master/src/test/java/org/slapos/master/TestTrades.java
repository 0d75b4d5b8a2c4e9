package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.slapos.master.allocation.Market;
import org.slapos.master.computer.Contacts;
import org.slapos.master.db.Database;
import org.slapos.master.db.TestDatabase;
import org.slapos.master.http.Answer;
import org.slapos.master.http.Call;
import org.slapos.master.http.Mount;
import org.slapos.master.mail.Mail;
import org.slapos.master.party.Assignments;
import org.slapos.master.party.Requester;
import org.slapos.master.party.Welcome.DefaultAssignment;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.pki.KeyFile;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.Form;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.Reason;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.MarshalWriter;

/// The trades of a Master on a database of their own, called through their doors with the identity one likes.
final class TestTrades implements AutoCloseable {
    static final Requester.Person ALICE = new Requester.Person("PERSON-1");
    static final Requester.Person BOB = new Requester.Person("PERSON-2");
    static final String HELLO = "https://soft.example/hello/software.cfg";

    private static final Path KEY = keyFile();
    private static final MasterConfiguration.People PEOPLE =
            new MasterConfiguration.People(DefaultAssignment.CUSTOMER, false, Optional.empty());
    private static final Mail NO_MAIL = message -> {
        throw new IOException("nothing sends " + message);
    };
    private static final ObjectMapper JSON = new ObjectMapper();

    final SettableClock clock = new SettableClock();
    final Database database;
    private final CertificateAuthority authority;
    final Assignments assignments;
    private final Trades trades;

    TestTrades() {
        this(TestDatabase.fresh());
        welcome(ALICE, "Alice", "customer");
        welcome(BOB, "Bob", "customer");
    }

    /// Somebody with the reference that is next; a function of a project is held in the default one.
    void welcome(Requester.Person who, String title, String function) {
        String made = database.inTransaction(tx -> tx.handle()
                .createQuery("""
                        with party as (
                            insert into party (reference, kind, title, created_at)
                            values ('PERSON-' || nextval('person_number'), 'PERSON', :title, now()) returning reference),
                        person as (insert into person (reference) select reference from party)
                        insert into assignment (person, function, project, opened_at)
                        select reference, :function,
                            case when :function in ('customer', 'production/manager', 'production/agent') then 'PROJ-1' end,
                            now()
                        from party returning person""")
                .bind("title", title)
                .bind("function", function)
                .mapTo(String.class)
                .one());
        assertThat(made).isEqualTo(who.reference());
    }

    private static Path keyFile() {
        try {
            var folder = Files.createTempDirectory("slapos-key-");
            folder.toFile().deleteOnExit();
            var file = folder.resolve("key");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Another Master on the same database.
    TestTrades(Database database) {
        this(database, Duration.ZERO);
    }

    private TestTrades(Database database, Duration later) {
        this.database = database;
        clock.advance(later);
        this.authority = authority(database, clock);
        this.assignments = new Assignments(database);
        this.trades = new Trades(database, clock, authority, new SecureRandom(), assignments, PEOPLE, NO_MAIL);
    }

    private static CertificateAuthority authority(Database database, SettableClock clock) {
        try {
            var random = new SecureRandom();
            KeyFile.createIfMissing(KEY, random);
            return CertificateAuthority.open(database, KeyFile.read(KEY, random), random, clock.instant());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Mount> mounts() {
        return trades.mounts();
    }

    Set<String> slapMethods() {
        return trades.slapMethods();
    }

    CertificateAuthority authority() {
        return authority;
    }

    Answer call(Requester who, String verb, String method, Map<String, String> headers, byte[] query, byte[] body) {
        var call = new Call(
                "test",
                verb,
                method,
                Form.parse(new String(query, StandardCharsets.US_ASCII)),
                headers,
                body,
                who,
                "127.0.0.1",
                Optional.of(URI.create("https://master.example/")));
        try {
            return trades.mounts().getFirst().door().answer(call);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What the hypermedia door answers.
    Answer hypermedia(Requester who, String verb, String path, Map<String, String> headers, Map<String, String> query)
            throws IOException {
        var call = new Call(
                "test",
                verb,
                path,
                new Form(query),
                headers,
                new byte[0],
                who,
                "127.0.0.1",
                Optional.of(URI.create("https://master.example/")));
        var mount = trades.mounts().stream()
                .filter(it -> it.path().equals("/hateoas/"))
                .findFirst()
                .orElseThrow();
        return mount.door().answer(call);
    }

    Answer get(Requester who, String method, Map<String, String> query) {
        return call(who, "GET", method, Map.of(), bytes(new Form(query).encode()), new byte[0]);
    }

    Answer get(Requester who, String method, Map<String, String> query, Map<String, String> headers) {
        return call(who, "GET", method, headers, bytes(new Form(query).encode()), new byte[0]);
    }

    Answer post(Requester who, String method, Map<String, String> form) {
        return call(who, "POST", method, Map.of(), new byte[0], bytes(new Form(form).encode()));
    }

    JsonNode json(Requester who, String method, String body) {
        var answer = call(who, "POST", method, Map.of("content-type", "application/json"), new byte[0], bytes(body));
        try {
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A new Computer of a person with that many formatted partitions.
    ComputerId computer(Requester.Person owner, String title, int partitions) {
        var answer = post(owner, "requestComputer", Map.of("computer_title", title));
        assertThat(answer.status()).isEqualTo(200);
        var id = new ComputerId(MarshalReader.read(answer.body())
                .asObject("Computer")
                .attributes()
                .requiredText("_computer_id"));
        format(id, partitions);
        return id;
    }

    void format(ComputerId computer, int partitions) {
        var answer = post(
                new Requester.Computer(computer),
                "loadComputerConfigurationFromXML",
                Map.of(
                        "xml",
                        MarshalWriter.write(configuration(computer, partitions).toValue())));
        assertThat(answer.status()).as(reason(answer)).isEqualTo(200);
        assertThat(text(answer)).isEqualTo("Content properly posted.");
    }

    static ComputerConfiguration configuration(ComputerId computer, int partitions) {
        return new ComputerConfiguration(
                computer,
                "2001:db8::1",
                "ffff:ffff:ffff::",
                Map.of("slapos_version", "1.24.0"),
                IntStream.range(0, partitions)
                        .mapToObj(i -> new ComputerConfiguration.Partition(
                                new PartitionId("slappart" + i),
                                "/srv/slapgrid/slappart" + i,
                                "slapuser" + i,
                                List.of(
                                        new ComputerConfiguration.Address("10.0.0." + (i + 2), "255.255.255.255"),
                                        new ComputerConfiguration.Address("2001:db8::" + (i + 2), "ffff:ffff:ffff::")),
                                ComputerConfiguration.Tap.named("slaptap" + i),
                                List.of()))
                        .toList());
    }

    void supply(Requester owner, ComputerId computer, String url, SoftwareState state) {
        var answer =
                post(owner, "supplySupply", Map.of("url", url, "computer_id", computer.text(), "state", state.wire()));
        assertThat(answer.status()).as(reason(answer)).isEqualTo(200);
    }

    Answer request(Requester who, InstanceRequest wanted) {
        return post(who, "requestComputerPartition", wanted.toForm().fields());
    }

    Answer request(Requester who, String title, RequestedState state) {
        return request(who, wanted(title, state, Map.of()));
    }

    static InstanceRequest wanted(String title, RequestedState state, Map<String, String> parameters) {
        return new InstanceRequest(
                HELLO,
                "default",
                title,
                false,
                parameters,
                Map.of(),
                Optional.of(state),
                Optional.empty(),
                Optional.empty());
    }

    InstanceInformation placed(Answer answer) {
        assertThat(answer.status()).as(reason(answer)).isEqualTo(200);
        return InstanceInformation.ofRequestAnswer(MarshalReader.read(answer.body()));
    }

    /// A started instance of [#HELLO].
    InstanceInformation start(Requester who, String title) {
        return placed(request(who, title, RequestedState.STARTED));
    }

    Answer report(Requester who, String method, InstanceInformation where, Map<String, String> more) {
        var fields = new TreeMap<>(more);
        fields.put("computer_id", where.computer().text());
        fields.put("computer_partition_id", where.partition().text());
        return post(who, method, fields);
    }

    Answer report(String method, InstanceInformation where) {
        return report(new Requester.Computer(where.computer()), method, where, Map.of());
    }

    ComputerInformation information(ComputerId computer) {
        var answer = get(
                new Requester.Computer(computer), "getFullComputerInformation", Map.of("computer_id", computer.text()));
        assertThat(answer.status()).as(reason(answer)).isEqualTo(200);
        return ComputerInformation.read(answer.body());
    }

    long count(String table) {
        return database.inTransaction(tx -> tx.handle()
                .createQuery("select count(*) from " + table)
                .mapTo(Long.class)
                .one());
    }

    static String reason(Answer answer) {
        return Reason.decode(answer.headers().getOrDefault(Reason.HEADER, ""));
    }

    static String text(Answer answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// The Master that is started so much later on the database of this one, which was stopped.
    TestTrades restarted(Duration later) {
        return new TestTrades(database, later);
    }

    /// Has the Master look at all that waits and could be placed now, as it does by itself from time to time.
    void placeAll() {
        trades.placeAll();
    }

    /// Has the Master do all that follows later and is due by now, as it does by itself.
    void work() {
        trades.workNow();
    }

    Market market() {
        return trades.market();
    }

    Contacts contacts() {
        return trades.contacts();
    }

    /// Has the Master write down when Computers were last heard of, as it does by itself from time to time.
    void writeContacts() {
        trades.contacts().write();
    }

    void endWaiting() {
        trades.endWaiting();
    }

    /// Ends this Master; the database stays.
    void stop() {
        trades.close();
        assignments.close();
    }

    @Override
    public void close() {
        stop();
        database.close();
    }
}
