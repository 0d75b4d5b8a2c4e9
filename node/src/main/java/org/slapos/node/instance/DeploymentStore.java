package org.slapos.node.instance;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.node.host.UnixUser;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.RequestedState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Remembers the [Deployment] of each partition in `<instance root>/var/deployment/<partition>.json`, replaced in one
/// step. What is lost or broken is deployed again, no more.
public final class DeploymentStore {
    private static final Logger LOG = LoggerFactory.getLogger(DeploymentStore.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Host host;
    private final Path var;
    private final Path folder;

    public DeploymentStore(Host host, Path instanceRoot) {
        this.host = host;
        this.var = instanceRoot.resolve("var");
        this.folder = var.resolve("deployment");
    }

    public Optional<Deployment> find(PartitionId partition) {
        var file = folder.resolve(name(partition)); // of a folder that no tenant may enter
        try {
            return parse(partition, Files.readAllBytes(file));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IOException e) {
            throw new HostException("cannot read " + file + ": " + e, e);
        }
    }

    void save(PartitionId partition, Deployment deployment) {
        var json = JSON.createObjectNode()
                .put("timestamp", deployment.timestamp())
                .put("content_hash", deployment.contentHash())
                .put("state", deployment.state().wire())
                .put("runtime", deployment.runtimeId())
                .put("when", deployment.when().toString())
                .put("reported", deployment.reported().name());
        var owner = json.putObject("owner")
                .put("name", deployment.owner().name())
                .put("uid", deployment.owner().uid())
                .put("gid", deployment.owner().gid())
                .put("home", deployment.owner().home().toString());
        var groups = owner.putArray("groups");
        deployment.owner().groups().forEach(groups::add);
        host.createDirectory(var, 0755);
        host.createDirectory(folder, 0700);
        var self = host.self();
        host.writeTenantFile(
                folder,
                name(partition),
                json.toString().getBytes(StandardCharsets.UTF_8),
                0600,
                self.uid(),
                self.gid());
    }

    void forget(PartitionId partition) {
        try {
            Files.deleteIfExists(folder.resolve(name(partition)));
        } catch (IOException e) {
            throw new HostException("cannot forget what was deployed in " + partition + ": " + e, e);
        }
    }

    private static Optional<Deployment> parse(PartitionId partition, byte[] bytes) {
        try {
            var json = JSON.readTree(bytes);
            return RequestedState.ofWire(json.path("state").asText())
                    .map(state -> new Deployment(
                            json.path("timestamp").asText(),
                            json.path("content_hash").asText(),
                            owner(json.path("owner")),
                            state,
                            json.path("runtime").asText(),
                            Instant.parse(json.path("when").asText()),
                            Deployment.Reported.valueOf(json.path("reported").asText())));
        } catch (JacksonException | IllegalArgumentException | java.time.DateTimeException e) {
            LOG.warn("What is remembered of {} cannot be read: it is deployed again", partition);
            return Optional.empty();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// What an earlier version wrote names nobody.
    private static UnixUser owner(JsonNode json) {
        var groups = new ArrayList<Integer>();
        json.path("groups").forEach(group -> groups.add(group.asInt()));
        return new UnixUser(
                json.path("name").asText(),
                json.path("uid").asInt(-1),
                json.path("gid").asInt(-1),
                groups,
                Path.of(json.path("home").asText("/")));
    }

    private static String name(PartitionId partition) {
        return partition.text() + ".json";
    }
}
