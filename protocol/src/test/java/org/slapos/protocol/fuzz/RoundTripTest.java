package org.slapos.protocol.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.Form;
import org.slapos.protocol.IniFile;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.InstanceXml;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.UsageReport;
import org.slapos.protocol.jsonrpc.Json;
import org.slapos.protocol.jsonrpc.JsonMethod;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.MarshalWriter;
import org.slapos.protocol.marshal.Value;

/// Whatever we write we read back the same. A failure names its seed; replay one with `-Dslapos.seed=...`.
class RoundTripTest {
    private static final int SEEDS = 2_000;

    @Test
    void marshalledValues() {
        same(RoundTripTest::value, value -> MarshalReader.read(MarshalWriter.bytes(value)));
    }

    /// XML 1.0 has no way to write most control characters and no half of a pair: they become U+FFFD, and nothing else
    /// of the text is lost.
    @Test
    void charactersThatXmlCannotHoldAreReplaced() {
        for (var seed : seeds()) {
            var random = new Random(seed);
            var text = random.ints(20, 0, 0x10000)
                    .map(c -> random.nextBoolean() ? c % 0x20 : c)
                    .mapToObj(c -> String.valueOf((char) c))
                    .reduce("a", String::concat);
            var expected = text.codePoints()
                    .map(c -> isXml(c) ? c : 0xfffd)
                    .mapToObj(Character::toString)
                    .reduce("", String::concat);
            assertThat(MarshalReader.read(MarshalWriter.bytes(Value.of(text))))
                    .as("seed %d", seed)
                    .isEqualTo(Value.of(expected));
            assertThat(InstanceXml.read(InstanceXml.write(Map.of("id", text))))
                    .as("seed %d", seed)
                    .isEqualTo(Map.of("id", expected));
        }
    }

    private static boolean isXml(int c) {
        return c == '\t'
                || c == '\n'
                || c == '\r'
                || (c >= ' ' && c < 0xd800)
                || (c >= 0xe000 && c != 0xfffe && c != 0xffff);
    }

    @Test
    void instanceParameters() {
        same(RoundTripTest::texts, texts -> InstanceXml.read(InstanceXml.write(texts)));
    }

    @Test
    void forms() {
        same(random -> new Form(texts(random)), form -> Form.parse(form.encode()));
    }

    @Test
    void instanceRequests() {
        same(
                RoundTripTest::request,
                request -> InstanceRequest.of(Form.parse(request.toForm().encode())));
    }

    @Test
    void computerConfigurations() {
        same(
                RoundTripTest::configuration,
                it -> ComputerConfiguration.of(MarshalReader.read(MarshalWriter.bytes(it.toValue()))));
    }

    @Test
    void usageReports() {
        same(RoundTripTest::report, report -> UsageReport.read(report.write()));
    }

    @Test
    void jsonMessages() {
        same(
                random -> Json.object().put("title", text(random)).put("instance_guid", text(random)),
                message -> Json.read(
                        Json.write(JsonMethod.RENAME_INSTANCE.read(message).write())));
    }

    @Test
    void configurationFiles() {
        same(
                random -> {
                    var options = new TreeMap<String, String>();
                    for (int i = random.nextInt(5); i > 0; i--) {
                        options.put("option-" + i, line(random) + "\n" + line(random));
                    }
                    return options;
                },
                options -> {
                    var file = new StringBuilder("[section]\n");
                    options.forEach((name, value) -> file.append(name)
                            .append(" = ")
                            .append(value.replace("%", "%%").replace("\n", "\n  "))
                            .append('\n'));
                    return IniFile.parse("seeded.cfg", file.toString()).section("section");
                });
    }

    private static <T> void same(Function<Random, T> generator, Function<T, ?> writtenAndRead) {
        for (var seed : seeds()) {
            var value = generator.apply(new Random(seed));
            assertThat((Object) writtenAndRead.apply(value)).as("seed %d", seed).isEqualTo(value);
        }
    }

    private static long[] seeds() {
        var one = Long.getLong("slapos.seed");
        return one == null ? LongStream.range(0, SEEDS).toArray() : new long[] {one};
    }

    private static Value value(Random random) {
        return value(random, 0);
    }

    private static Value value(Random random, int depth) {
        return switch (random.nextInt(depth > 4 ? 5 : 9)) {
            case 0 -> Value.of(text(random));
            case 1 -> new Value.Int(new BigInteger(random.nextInt(1, 300), random).subtract(BigInteger.TEN.pow(9)));
            case 2 -> new Value.Decimal(Double.longBitsToDouble(random.nextLong()));
            case 3 -> new Value.Bool(random.nextBoolean());
            case 4 -> Value.none();
            case 5 -> new Value.Tuple(items(random, depth));
            case 6 -> Value.list(items(random, depth));
            case 7 -> dictionary(random, depth);
            default -> new Value.SlapObject("SoftwareInstance", List.of(), dictionary(random, depth));
        };
    }

    private static List<Value> items(Random random, int depth) {
        var items = new ArrayList<Value>();
        for (int i = random.nextInt(4); i > 0; i--) {
            items.add(value(random, depth + 1));
        }
        return items;
    }

    private static Value.Dictionary dictionary(Random random, int depth) {
        var entries = new TreeMap<String, Value>();
        for (int i = random.nextInt(4); i > 0; i--) {
            entries.put(text(random), value(random, depth + 1));
        }
        return new Value.Dictionary(entries);
    }

    private static InstanceRequest request(Random random) {
        return new InstanceRequest(
                "https://soft.example/" + text(random),
                "t" + text(random),
                "title" + text(random),
                random.nextBoolean(),
                texts(random),
                texts(random),
                random.nextBoolean()
                        ? Optional.empty()
                        : Optional.of(random.nextBoolean() ? RequestedState.STARTED : RequestedState.STOPPED),
                random.nextBoolean()
                        ? Optional.empty()
                        : Optional.of(new InstanceRequest.From(
                                new ComputerId("COMP-" + random.nextInt(99)), new PartitionId("slappart0"))),
                Optional.empty());
    }

    private static ComputerConfiguration configuration(Random random) {
        var partitions = new ArrayList<ComputerConfiguration.Partition>();
        for (int i = random.nextInt(4); i > 0; i--) {
            partitions.add(new ComputerConfiguration.Partition(
                    new PartitionId("slappart" + i),
                    text(random),
                    text(random),
                    List.of(new ComputerConfiguration.Address(text(random), text(random))),
                    new ComputerConfiguration.Tap(text(random), text(random), text(random), text(random), text(random)),
                    List.of(text(random))));
        }
        return new ComputerConfiguration(
                new ComputerId("COMP-1"), text(random), text(random), Map.of("os_type", text(random)), partitions);
    }

    private static UsageReport report(Random random) {
        var movements = new ArrayList<UsageReport.Movement>();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            movements.add(new UsageReport.Movement(
                    text(random), text(random), text(random), random.nextGaussian() * 1e9, random.nextDouble(), ""));
        }
        return new UsageReport(text(random), text(random), text(random), text(random), "Destination", movements);
    }

    private static Map<String, String> texts(Random random) {
        var texts = new TreeMap<String, String>();
        for (int i = random.nextInt(5); i > 0; i--) {
            texts.put(text(random), text(random));
        }
        return texts;
    }

    /// A line that begins neither a comment nor an option, without space around it.
    private static String line(Random random) {
        return "x" + text(random).replaceAll("\\p{Cntrl}|\\p{javaWhitespace}", "_");
    }

    /// Of characters that XML can hold, and that something might want to escape.
    private static String text(Random random) {
        var text = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            text.appendCodePoint(
                    switch (random.nextInt(4)) {
                        case 0 -> "&<>;amplgt\"'\n\r\t%+=#\\".codePointAt(random.nextInt(20));
                        case 1 -> 0xa0 + random.nextInt(0x2000);
                        case 2 -> 0x10000 + random.nextInt(0x10000);
                        default -> ' ' + random.nextInt(0x5f);
                    });
        }
        return new String(text.toString().getBytes(UTF_8), UTF_8);
    }
}
