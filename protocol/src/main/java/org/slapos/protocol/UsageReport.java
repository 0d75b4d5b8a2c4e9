package org.slapos.protocol;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What a Computer says was used (SLAP protocol, TioXML): one transaction of a journal, with a movement for each
/// measure.
///
/// @param reference names the report: the same reference again is the same report
/// @param start     and `stop`: `YYYY-MM-DD HH:MM:SS`, UTC
/// @param arrow     what kind of transaction: `Destination` for what a node measures
public record UsageReport(
        String title, String start, String stop, String reference, String arrow, List<Movement> movements) {
    private static final DateTimeFormatter AGGREGATED_AT =
            DateTimeFormatter.ofPattern("yyyy-MM-dd 'at' HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    public UsageReport {
        movements = List.copyOf(movements);
    }

    /// What a node measured.
    public UsageReport(String title, String start, String stop, String reference, List<Movement> movements) {
        this(title, start, stop, reference, "Destination", movements);
    }

    /// @param resource  `service_module/cpu_load_percent`, `service_module/memory_used` (MiB),
    /// `service_module/disk_used` (MiB)
    /// @param reference the partition's user, or the Computer
    /// @param quantity  may be infinite or no number at all: so says the format
    /// @param vat       the wire's element `VAT`
    public record Movement(String resource, String title, String reference, double quantity, double price, String vat) {
        /// Without a price.
        public Movement(String resource, String title, String reference, double quantity) {
            this(resource, title, reference, quantity, 0, "");
        }
    }

    /// What partitions reported of themselves as one report of their Computer: each movement's reference is replaced by
    /// its partition (SLAP protocol, aggregated reports). Send it only when it has movements.
    public static UsageReport aggregated(
            ComputerId computer, Instant stop, Map<PartitionId, List<Movement>> consumptions) {
        var movements = new ArrayList<Movement>();
        consumptions.forEach((partition, own) -> own.forEach(it -> movements.add(
                new Movement(it.resource(), it.title(), partition.text(), it.quantity(), it.price(), it.vat()))));
        return new UsageReport(
                "Resource consumptions", "", AGGREGATED_AT.format(stop), computer.text(), "Administration", movements);
    }

    /// Reads a journal. Of several transactions the first counts, as in the reference.
    ///
    /// @throws MalformedException when it does not match the schema or passes a limit
    public static UsageReport read(byte[] document) {
        return TioXmlReader.journal(document);
    }

    /// Reads what the scripts of a partition report: `consumption`, movements and nothing else.
    ///
    /// @throws MalformedException when it does not match the schema or passes a limit
    public static List<Movement> readConsumption(byte[] document) {
        return TioXmlReader.consumption(document);
    }

    public byte[] write() {
        var out = new StringBuilder("<?xml version='1.0' encoding='utf-8'?>\n<journal>\n");
        out.append("  <transaction type=\"Sale Packing List\">\n");
        element(out, 4, "title", title);
        element(out, 4, "start_date", start);
        element(out, 4, "stop_date", stop);
        element(out, 4, "reference", reference);
        element(out, 4, "currency", "");
        element(out, 4, "payment_mode", "");
        element(out, 4, "category", "");
        out.append("    <arrow type=\"").append(XmlText.attribute(arrow)).append('"');
        out.append(
                arrow.equals("Administration") ? ">\n      <source/>\n      <destination/>\n    </arrow>\n" : "/>\n");
        for (var movement : movements) {
            out.append("    <movement>\n");
            element(out, 6, "resource", movement.resource());
            element(out, 6, "title", movement.title());
            element(out, 6, "reference", movement.reference());
            element(out, 6, "quantity", number(movement.quantity()));
            element(out, 6, "price", number(movement.price()));
            element(out, 6, "VAT", movement.vat());
            element(out, 6, "category", "");
            out.append("    </movement>\n");
        }
        return out.append("  </transaction>\n</journal>\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String number(double number) {
        return Double.isInfinite(number) ? number > 0 ? "INF" : "-INF" : Double.toString(number);
    }

    private static void element(StringBuilder out, int indent, String name, String text) {
        out.repeat(' ', indent).append('<').append(name);
        if (text.isEmpty()) {
            out.append("/>\n");
        } else {
            out.append('>')
                    .append(XmlText.element(text))
                    .append("</")
                    .append(name)
                    .append(">\n");
        }
    }
}
