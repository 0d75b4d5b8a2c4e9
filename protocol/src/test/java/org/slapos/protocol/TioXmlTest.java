package org.slapos.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import javax.xml.XMLConstants;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xml.sax.SAXException;

class TioXmlTest {
    private static final Schema JOURNAL = schema("computer_consumption.xsd");
    private static final Schema CONSUMPTION = schema("partition_consumption.xsd");
    private static final String MOVEMENT =
            "<movement><resource>r</resource><quantity>1</quantity><price>0</price><VAT/></movement>";
    private static final String DOCUMENT = "<journal><transaction type=\"Sale Packing List\"><title>t</title>"
            + "<start_date>2031-04-01 00:00:00</start_date><stop_date></stop_date><reference>x</reference><currency/>"
            + "<payment_mode/><category/><arrow type=\"Destination\"><source/><destination/></arrow><movement>"
            + "<resource>service_module/disk_used</resource><title>t</title><reference>slapuser3</reference>"
            + "<quantity>12.75</quantity><price>0.0</price><VAT></VAT><category/></movement></transaction></journal>";

    @Test
    void aReportIsValidBeforeItsSchemaWhateverItHolds() {
        var odd = new UsageReport(
                "<&>",
                "",
                "\n",
                "é\u0001",
                "a\"b",
                List.of(
                        new UsageReport.Movement("r", "", "", Double.NaN, Double.NEGATIVE_INFINITY, "20%"),
                        new UsageReport.Movement("r", "", "", 1e-300)));
        assertThat(isValid(JOURNAL, new String(odd.write(), StandardCharsets.UTF_8)))
                .isTrue();
        assertThat(UsageReport.read(odd.write()).movements()).isEqualTo(odd.movements());
    }

    @Test
    void reportsOfPartitionsAreOneReportThatNamesThePartitions() {
        var movements = UsageReport.readConsumption(("<consumption>" + MOVEMENT
                        + "<movement><resource>r</resource><reference>own</reference><quantity>2.5</quantity>"
                        + "<price>3</price><VAT>v</VAT></movement></consumption>")
                .getBytes(StandardCharsets.UTF_8));
        var consumptions =
                new TreeMap<PartitionId, List<UsageReport.Movement>>(java.util.Comparator.comparing(PartitionId::text));
        consumptions.put(new PartitionId("slappart1"), movements.subList(1, 2));
        consumptions.put(new PartitionId("slappart0"), movements.subList(0, 1));
        var report =
                UsageReport.aggregated(new ComputerId("COMP-12"), Instant.parse("2031-04-02T01:02:03Z"), consumptions);
        assertThat(report)
                .isEqualTo(new UsageReport(
                        "Resource consumptions",
                        "",
                        "2031-04-02 at 01:02:03",
                        "COMP-12",
                        "Administration",
                        List.of(
                                new UsageReport.Movement("r", "", "slappart0", 1),
                                new UsageReport.Movement("r", "", "slappart1", 2.5, 3, "v"))));
        assertThat(new String(report.write(), StandardCharsets.UTF_8))
                .containsPattern("<arrow type=\"Administration\">\\s*<source/>\\s*<destination/>\\s*</arrow>");
        assertThat(UsageReport.read(report.write())).isEqualTo(report);
        assertThat(UsageReport.aggregated(new ComputerId("COMP-12"), Instant.EPOCH, Map.of())
                        .movements())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1", "-1.5", "+.5", "5.", "1e7", "1E-07", "INF", "-INF", "NaN", " 1 ", "inf", "nan", "", "1,5", "0x1p3",
                "1f", "--1", "1e", ".", "１"
            })
    void numbersAreThoseOfTheSchema(String number) {
        assertAgree(
                CONSUMPTION,
                "<consumption>" + MOVEMENT.replace("<quantity>1<", "<quantity>" + number + "<") + "</consumption>");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<journal/>",
                "<consumption/>",
                "<journal xmlns='urn:x'/>",
                "<transaction type=''/>",
                "<journal>text</journal>",
                "<!-- a --><journal><!-- b --></journal>"
            })
    void documentsThatAreTooShortAreRefusedByBoth(String document) {
        assertAgree(JOURNAL, document);
        assertAgree(CONSUMPTION, document);
    }

    /// Elements taken away, doubled, swapped, renamed, and attributes taken or added: the hand-written reader and the
    /// schema agree on each.
    @Test
    void theReaderAndTheSchemaAgreeOnAnyChangeOfADocument() {
        int valid = 0;
        for (long seed = 0; seed < 4000; seed++) {
            var document = changed(DOCUMENT, new Random(seed));
            valid += assertAgree(JOURNAL, document) ? 1 : 0;
        }
        assertThat(valid).isBetween(200, 3800);
    }

    @Test
    void aHostileReportIsRefused() {
        for (var hostile : List.of(
                "<!DOCTYPE journal [<!ENTITY x 'y'>]>" + DOCUMENT.replace("<title>t<", "<title>&x;<"),
                "<!DOCTYPE journal SYSTEM 'file:///etc/passwd'>" + DOCUMENT,
                DOCUMENT.replace("12.75", "1".repeat(5_000_000)),
                DOCUMENT.replace(MOVEMENT, "").replace("<movement>", "<movement>".repeat(100_000)),
                " ".repeat(9_000_000) + DOCUMENT)) {
            assertThatThrownBy(() -> UsageReport.read(hostile.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(MalformedException.class);
        }
    }

    private static boolean assertAgree(Schema schema, String document) {
        boolean isValid = isValid(schema, document);
        assertThat(isRead(schema, document)).as(document).isEqualTo(isValid);
        return isValid;
    }

    private static boolean isRead(Schema schema, String document) {
        var bytes = document.getBytes(StandardCharsets.UTF_8);
        try {
            return schema.equals(JOURNAL)
                    ? UsageReport.read(bytes) != null
                    : !UsageReport.readConsumption(bytes).isEmpty();
        } catch (MalformedException _) {
            return false;
        }
    }

    private static boolean isValid(Schema schema, String document) {
        try {
            schema.newValidator().validate(new StreamSource(new StringReader(document)));
            return true;
        } catch (SAXException _) {
            return false;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /// Works on whole leaf elements and on tags.
    private static String changed(String document, Random random) {
        var parts = new ArrayList<>(List.of(document.split("(?<=</[a-zA-Z_]{1,20}>|/>)|(?=<(?!/))")));
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(parts.size());
            switch (random.nextInt(6)) {
                case 0 -> parts.remove(at);
                case 1 -> parts.add(at, parts.get(at));
                case 2 -> parts.add(random.nextInt(parts.size()), parts.get(at));
                case 3 -> java.util.Collections.swap(parts, at, random.nextInt(parts.size()));
                case 4 ->
                    parts.set(at, parts.get(at).replace("category", "source").replace(" type=", " kind="));
                default -> parts.set(at, parts.get(at).replaceFirst("^<([a-z_]+)", "<$1 a='b'"));
            }
        }
        return String.join("", parts);
    }

    private static Schema schema(String name) {
        try {
            return SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI)
                    .newSchema(Objects.requireNonNull(TioXmlTest.class.getResource(name)));
        } catch (SAXException e) {
            throw new AssertionError(e);
        }
    }
}
