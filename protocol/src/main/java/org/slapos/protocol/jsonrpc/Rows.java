package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;

/// What the lists consist of. A member that a Master does not send is empty.
public final class Rows {
    private Rows() {}

    public record Tree(String title) implements JsonAnswer {
        @Override
        public ObjectNode write() {
            return Json.object().put("title", title);
        }

        static Tree read(JsonNode row) {
            return new Tree(Json.text(row, "title"));
        }
    }

    /// A certificate.
    ///
    /// @param kind  PERSON, COMPUTER or INSTANCE
    /// @param state works, or why not: revoked, replaced, expired...
    /// @param ends  of one that was, or will be, ended before its time
    /// @param used  when it was last shown
    public record Certificate(
            String reference,
            String kind,
            String serial,
            String state,
            String issued,
            String notAfter,
            Optional<String> ends,
            Optional<String> used)
            implements JsonAnswer {
        @Override
        public ObjectNode write() {
            var row = Json.object()
                    .put("reference", reference)
                    .put("kind", kind)
                    .put("serial", serial)
                    .put("state", state)
                    .put("issued", issued)
                    .put("not_after", notAfter);
            ends.ifPresent(at -> row.put("ends", at));
            used.ifPresent(at -> row.put("last_used", at));
            return row;
        }

        static Certificate read(JsonNode row) {
            return new Certificate(
                    Json.text(row, "reference"),
                    Json.textOrEmpty(row, "kind"),
                    Json.text(row, "serial"),
                    Json.textOrEmpty(row, "state"),
                    Json.textOrEmpty(row, "issued"),
                    Json.textOrEmpty(row, "not_after"),
                    Json.textIfAny(row, "ends"),
                    Json.textIfAny(row, "last_used"));
        }
    }

    /// A plain instance on a Computer.
    ///
    /// @param state the requested one, as its word
    public record PlainInstance(String title, String guid, String state, String partition, String softwareRelease)
            implements JsonAnswer {
        @Override
        public ObjectNode write() {
            return Json.object()
                    .put("title", title)
                    .put("instance_guid", guid)
                    .put("state", state)
                    .put("compute_partition_id", partition)
                    .put("software_release_uri", softwareRelease);
        }

        static PlainInstance read(JsonNode row) {
            return new PlainInstance(
                    Json.text(row, "title"),
                    Json.text(row, "instance_guid"),
                    Json.text(row, "state"),
                    Json.textOrEmpty(row, "compute_partition_id"),
                    Json.textOrEmpty(row, "software_release_uri"));
        }
    }

    /// A shared instance in its host.
    public record SharedInstance(
            String title,
            String guid,
            String softwareType,
            String state,
            Map<String, String> parameters,
            String partition)
            implements JsonAnswer {
        public SharedInstance {
            parameters = Map.copyOf(parameters);
        }

        @Override
        public ObjectNode write() {
            var json = Json.object()
                    .put("title", title)
                    .put("instance_guid", guid)
                    .put("software_type", softwareType)
                    .put("state", state)
                    .put("compute_partition_id", partition);
            Json.put(json, "parameters", parameters);
            return json;
        }

        static SharedInstance read(JsonNode row) {
            return new SharedInstance(
                    Json.text(row, "title"),
                    Json.text(row, "instance_guid"),
                    Json.textOrEmpty(row, "software_type"),
                    Json.text(row, "state"),
                    Json.texts(row, "parameters"),
                    Json.textOrEmpty(row, "compute_partition_id"));
        }
    }

    /// A SoftwareRelease wanted on a Computer.
    ///
    /// @param state `available` or `destroyed`
    public record Installation(String softwareRelease, String state) implements JsonAnswer {
        @Override
        public ObjectNode write() {
            return Json.object().put("software_release_uri", softwareRelease).put("state", state);
        }

        static Installation read(JsonNode row) {
            return new Installation(
                    Json.text(row, "software_release_uri"), row.path("state").asText("available"));
        }
    }

    /// A Computer; other Masters send nothing but its guid.
    ///
    /// @param lastContact RFC 3339
    public record Computer(
            String guid, String title, Optional<String> lastContact, int partitionsUsed, int partitionsTotal)
            implements JsonAnswer {
        @Override
        public ObjectNode write() {
            return Json.object()
                    .put("computer_guid", guid)
                    .put("title", title)
                    .put("last_contact", lastContact.orElse(null))
                    .put("partitions_used", partitionsUsed)
                    .put("partitions_total", partitionsTotal);
        }

        static Computer read(JsonNode row) {
            return new Computer(
                    Json.text(row, "computer_guid"),
                    Json.textOrEmpty(row, "title"),
                    Json.textIfAny(row, "last_contact"),
                    row.path("partitions_used").asInt(),
                    row.path("partitions_total").asInt());
        }
    }

    /// A line of the ledger.
    ///
    /// @param start    RFC 3339
    /// @param quantity nothing while it is still going on
    public record Movement(
            long id,
            String resource,
            String unit,
            String source,
            String destination,
            String item,
            String start,
            Optional<String> stop,
            Optional<BigDecimal> quantity,
            String cause)
            implements JsonAnswer {
        @Override
        public ObjectNode write() {
            return Json.object()
                    .put("id", id)
                    .put("resource", resource)
                    .put("unit", unit)
                    .put("source", source)
                    .put("destination", destination)
                    .put("item", item)
                    .put("start", start)
                    .put("stop", stop.orElse(null))
                    .put("quantity", quantity.orElse(null))
                    .put("cause", cause);
        }

        static Movement read(JsonNode row) {
            return new Movement(
                    row.path("id").asLong(),
                    Json.text(row, "resource"),
                    Json.textOrEmpty(row, "unit"),
                    Json.textOrEmpty(row, "source"),
                    Json.textOrEmpty(row, "destination"),
                    Json.textOrEmpty(row, "item"),
                    Json.textOrEmpty(row, "start"),
                    Json.textIfAny(row, "stop"),
                    row.path("quantity").isNumber()
                            ? Optional.of(row.path("quantity").decimalValue())
                            : Optional.empty(),
                    Json.textOrEmpty(row, "cause"));
        }
    }
}
