package org.slapos.master;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slapos.master.db.Database;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.pki.Holder;
import org.slapos.master.pki.KeyFile;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.Form;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.MarshalWriter;

/// A real Master with everybody who may ask it for something, each with a certificate and a connection of its own.
///
/// ```
///   COMP-1 of the machine's owner          COMP-2 of somebody else
///     root, of the owner's tree              other-instance, of another tree
///     ├── instance   (what calls are about)
///     │   ├── child
///     │   └── site   (shared, in host)
///     └── sibling
///     host, of another tree of the owner
/// ```
final class Neighbourhood implements AutoCloseable {
    static final String RELEASE = "https://soft.example/hello/software.cfg";
    private static final InstantSource CLOCK = InstantSource.system();

    private final TestMaster master;
    private final Database database;
    private final CertificateAuthority authority;
    private final Map<String, HttpClient> clients = new LinkedHashMap<>();
    /// References of things by their names in the picture.
    private final Map<String, String> references = new LinkedHashMap<>();

    Neighbourhood(Path folder) throws IOException {
        this.master = TestMaster.open(folder, CLOCK);
        this.database = Database.open(master.configuration().database().orElseThrow(), 2);
        var random = new SecureRandom();
        var key = KeyFile.read(master.configuration().keyFile(), random);
        this.authority = CertificateAuthority.open(database, key, random, CLOCK.instant());
        clients.put("nobody", master.client(Optional.empty()));
        person("owner", "customer");
        person("machine-owner", "customer");
        person("other", "customer");
        person("customer", "customer");
        person("agent", "production/agent");
        person("manager", "production/manager");
        person("sale", "sale/agent");
        person("accounting", "accounting/agent");
        person("system", "system/manager");
        computer("computer", "machine-owner", 8);
        computer("other-computer", "other", 3);
        tree("owner", "parent", "root", "computer");
        child("parent", "instance", false);
        child("parent", "sibling", false);
        child("instance", "child", false);
        tree("owner", "host", "frontend", "computer");
        child("instance", "site", true);
        tree("other", "other-instance", "elsewhere", "other-computer");
        leaveTheProject("owner", "machine-owner", "other");
        references.put("somebody", insert("somebody"));
    }

    private void person(String name, String function) throws IOException {
        var reference = insert(name);
        if (!function.isEmpty()) {
            boolean everywhere = !function.equals("customer") && !function.startsWith("production");
            database.inTransaction(tx -> tx.handle()
                    .execute(
                            "insert into assignment (person, function, project, opened_at) values (?, ?, ?, now())",
                            reference,
                            function,
                            everywhere ? null : "PROJ-1"));
        }
        enter(name, Holder.person(reference));
    }

    /// What they made stays theirs.
    private void leaveTheProject(String... names) {
        for (var name : names) {
            database.inTransaction(tx -> {
                tx.notify("functions_changed", reference(name));
                return tx.handle().execute("update assignment set closed_at = now() where person = ?", reference(name));
            });
            var project = "{\"reference\": \"PROJ-1\"}";
            while (send(name, "POST", "slap/slapos.get.v0.party", "application/json", project)
                            .statusCode()
                    == 200) {
                Thread.onSpinWait(); // the notification comes from the database
            }
        }
    }

    private String insert(String name) {
        return database.inTransaction(tx -> tx.handle()
                .createQuery("""
                        with party as (
                            insert into party (reference, kind, title, created_at)
                            values ('PERSON-' || nextval('person_number'), 'PERSON', :title, now()) returning reference)
                        insert into person (reference) select reference from party returning reference""")
                .bind("title", name)
                .mapTo(String.class)
                .one());
    }

    private void enter(String name, Holder holder) throws IOException {
        references.put(name, holder.reference());
        var issued = database.inTransaction(
                tx -> authority.kept(tx, holder).orElseGet(() -> authority.issue(tx, holder, CLOCK.instant())));
        clients.put(name, master.client(Optional.of(issued)));
    }

    private void computer(String name, String owner, int partitions) throws IOException {
        var made = good(owner, "requestComputer", Map.of("computer_title", name));
        var reference = MarshalReader.read(made.body())
                .asObject("Computer")
                .attributes()
                .requiredText("_computer_id");
        enter(name, Holder.computer(reference));
        good(
                name,
                "loadComputerConfigurationFromXML",
                Map.of(
                        "xml",
                        MarshalWriter.write(TestTrades.configuration(new ComputerId(reference), partitions)
                                .toValue())));
        good(owner, "supplySupply", Map.of("computer_id", reference, "url", RELEASE, "state", "available"));
    }

    private void tree(String owner, String name, String title, String computer) throws IOException {
        var wanted = new InstanceRequest(
                RELEASE,
                title.equals("frontend") ? "frontend" : "default",
                title,
                false,
                Map.of(),
                Map.of("computer_guid", reference(computer)),
                Optional.of(RequestedState.STARTED),
                Optional.empty(),
                Optional.empty());
        entered(name, good(owner, "requestComputerPartition", wanted.toForm().fields()));
    }

    private void child(String parent, String name, boolean shared) throws IOException {
        var wanted = new InstanceRequest(
                RELEASE,
                shared ? "frontend" : "default",
                name,
                shared,
                Map.of(),
                shared ? Map.of() : Map.of("computer_guid", reference("computer")),
                Optional.of(RequestedState.STARTED),
                Optional.empty(),
                Optional.empty());
        var answer = good(parent, "requestComputerPartition", wanted.toForm().fields());
        if (shared) {
            references.put(name, placed(answer).guid());
        } else {
            entered(name, answer);
        }
    }

    private void entered(String name, HttpResponse<String> placed) throws IOException {
        enter(name, Holder.instance(placed(placed).guid()));
        references.put(name + "'s partition", placed(placed).partition().text());
    }

    private static InstanceInformation placed(HttpResponse<String> answer) {
        return InstanceInformation.ofRequestAnswer(MarshalReader.read(answer.body()));
    }

    private HttpResponse<String> good(String caller, String method, Map<String, String> form) {
        var answer =
                send(caller, "POST", "slap/" + method, "application/x-www-form-urlencoded", new Form(form).encode());
        if (answer.statusCode() != 200) {
            throw new AssertionError(caller + " " + method + ": " + answer.statusCode() + " " + answer.body());
        }
        return answer;
    }

    HttpResponse<String> send(String caller, String verb, String path, String type, String body) {
        var request = HttpRequest.newBuilder(URI.create(master.url() + path))
                .header("Content-Type", type)
                .method(verb, HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            return Objects.requireNonNull(clients.get(caller), caller)
                    .send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(caller + " " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    String reference(String name) {
        return Objects.requireNonNull(references.get(name), name);
    }

    /// Gives the Computer a certificate again when it has none, and a new connection that shows it.
    void restoreComputer() throws IOException {
        var holder = Holder.computer(reference("computer"));
        if (database.inTransaction(tx -> authority.active(tx, holder)).isEmpty()) {
            Objects.requireNonNull(clients.get("computer")).close();
            enter("computer", holder);
        }
    }

    /// The number of the latest event of the audit trail.
    long lastEvent() {
        return database.inTransaction(tx -> tx.handle()
                .select("select coalesce(max(id), 0) from event")
                .mapTo(Long.class)
                .one());
    }

    /// The events after that one, as objects with the columns of the table.
    List<JsonNode> eventsAfter(long id) {
        List<String> events = database.inTransaction(tx -> tx.handle()
                .createQuery("select to_json(e)::text from event e where id > :id order by id")
                .bind("id", id)
                .mapTo(String.class)
                .list());
        return events.stream().map(Neighbourhood::read).toList();
    }

    private static JsonNode read(String json) {
        try {
            return new ObjectMapper().readTree(json);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// What is in the tables that calls change.
    String rows() {
        var all = new StringBuilder();
        for (var table : new String[] {
            "instance_tree",
            "instance",
            "software_installation",
            "computer_partition",
            "allocation_supply",
            "usage_report",
            "movement",
            "token",
            "assignment"
        }) {
            String rows = database.inTransaction(tx -> tx.handle()
                    .createQuery(
                            "select coalesce(string_agg(t::text, chr(10) order by t::text), '') from " + table + " t")
                    .mapTo(String.class)
                    .one());
            all.append(rows);
        }
        return all.toString();
    }

    @Override
    public void close() {
        clients.values().forEach(HttpClient::close);
        database.close();
        master.close();
    }
}
