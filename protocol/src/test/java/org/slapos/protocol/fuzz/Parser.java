package org.slapos.protocol.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slapos.protocol.AccessStatus;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.Form;
import org.slapos.protocol.IniFile;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.InstanceXml;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.UsageReport;
import org.slapos.protocol.golden.Conversation;
import org.slapos.protocol.golden.Message;
import org.slapos.protocol.hypermedia.RootDocument;
import org.slapos.protocol.hypermedia.SearchQuery;
import org.slapos.protocol.hypermedia.SearchResult;
import org.slapos.protocol.hypermedia.TreeView;
import org.slapos.protocol.hypermedia.UriTemplate;
import org.slapos.protocol.hypermedia.ViewForm;
import org.slapos.protocol.jsonrpc.Json;
import org.slapos.protocol.jsonrpc.JsonMethod;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.MarshalWriter;

/// Each reader of what comes from outside. Whatever it accepts it must be able to write, and to read again as the same.
enum Parser {
    MARSHAL(Parser::marshal, Parser::isMarshal),
    INSTANCE_XML(Parser::instanceXml, text -> text.contains("<instance")),
    COMPUTER_CONFIGURATION(Parser::configuration, text -> isMarshal(text) && text.contains("partition_list")),
    COMPUTER_INFORMATION(Parser::information, text -> isMarshal(text) && text.contains("_computer_partition_list")),
    REQUEST_ANSWER(Parser::requestAnswer, text -> isMarshal(text) && text.contains("_instance_guid")),
    ACCESS_STATUS(Parser::status, text -> isMarshal(text) && text.contains("portal_type")),
    INSTANCE_REQUEST(Parser::request, text -> text.contains("software_release=")),
    FORM(Parser::form, text -> text.matches("[!-~]+=[!-~]*")),
    USAGE_REPORT(bytes -> same(UsageReport.read(bytes), UsageReport::write, UsageReport::read), Parser::isUsage),
    CONSUMPTION(UsageReport::readConsumption, text -> text.contains("<consumption")),
    INI(bytes -> IniFile.parse("fuzz.cfg", new String(bytes, UTF_8)), text -> text.startsWith("[")),
    JSON(Parser::json, text -> text.startsWith("{")),
    HYPERMEDIA(Parser::hypermedia, text -> text.startsWith("{") && (text.contains("_links") || text.contains("_emb"))),
    SEARCH_QUERY(Parser::search, text -> text.startsWith("portal_type:")),
    URI_TEMPLATE(Parser::template, text -> text.contains("{&"));

    private static final long ALLOWANCE_BYTES = 32L << 20;
    private static final long BYTES_FOR_EACH = 4000;

    @SuppressWarnings("ImmutableEnumChecker") // a reference to a static method
    private final Consumer<byte[]> reader;

    @SuppressWarnings("ImmutableEnumChecker") // without a state
    private final Predicate<String> understands;

    Parser(Consumer<byte[]> reader, Predicate<String> understands) {
        this.reader = reader;
        this.understands = understands;
    }

    /// Reads the input.
    ///
    /// @throws AssertionError when it is neither accepted nor refused by a [MalformedException],
    /// or costs more memory than an input of its size may
    void check(byte[] input) {
        long before = Effort.allocatedBytes();
        try {
            reader.accept(input);
        } catch (MalformedException _) {
            // refused, as it may be
        }
        long used = Effort.allocatedBytes() - before;
        if (used > ALLOWANCE_BYTES + BYTES_FOR_EACH * input.length) {
            throw new AssertionError(this + " used " + used + " bytes of memory for " + input.length);
        }
    }

    /// Reads what is good, and something that is not, whatever that costs.
    void warmUp() throws IOException {
        for (var input : Stream.concat(goldenInputs().stream(), Stream.of("", "<", "{", "%"))
                .toList()) {
            try {
                reader.accept(input.getBytes(UTF_8));
            } catch (MalformedException _) {
                // refused, as it may be
            }
        }
    }

    String folder() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// What the golden conversations hold that this parser understands.
    List<String> goldenInputs() throws IOException {
        var found = new TreeSet<String>();
        for (var conversation : Conversation.all("slap", "json", "hypermedia", "registration", "proxy")
                .values()) {
            Stream.of(conversation.request(), conversation.answer())
                    .map(Message::text)
                    .flatMap(body -> Stream.concat(Stream.of(body), fields(body)))
                    .filter(understands)
                    .forEach(found::add);
        }
        return List.copyOf(found);
    }

    private static Stream<String> fields(String body) {
        try {
            return Form.parse(body).fields().values().stream();
        } catch (MalformedException _) {
            return Stream.of();
        }
    }

    private static boolean isMarshal(String text) {
        return text.startsWith("<marshal>");
    }

    private static boolean isUsage(String text) {
        return text.contains("<journal");
    }

    private static void marshal(byte[] bytes) {
        same(MarshalReader.read(bytes), MarshalWriter::bytes, MarshalReader::read);
    }

    private static void instanceXml(byte[] bytes) {
        same(
                InstanceXml.read(new String(bytes, UTF_8)),
                read -> InstanceXml.write(read).getBytes(UTF_8),
                written -> InstanceXml.read(new String(written, UTF_8)));
    }

    private static void configuration(byte[] bytes) {
        same(
                ComputerConfiguration.of(MarshalReader.read(bytes)),
                read -> MarshalWriter.bytes(read.toValue()),
                written -> ComputerConfiguration.of(MarshalReader.read(written)));
    }

    private static void information(byte[] bytes) {
        ComputerInformation.read(ComputerInformation.read(bytes).write());
    }

    /// The status that a proxy's kind of answer may hold is not written in ours.
    private static void requestAnswer(byte[] bytes) {
        var read = InstanceInformation.ofRequestAnswer(MarshalReader.read(bytes));
        same(
                InstanceInformation.ofRequestAnswer(MarshalReader.read(MarshalWriter.bytes(read.toSoftwareInstance()))),
                again -> MarshalWriter.bytes(again.toSoftwareInstance()),
                written -> InstanceInformation.ofRequestAnswer(MarshalReader.read(written)));
    }

    private static void status(byte[] bytes) {
        MarshalWriter.bytes(AccessStatus.of(MarshalReader.read(bytes)).toValue());
    }

    private static void request(byte[] bytes) {
        same(
                InstanceRequest.of(Form.parse(new String(bytes, UTF_8))),
                read -> read.toForm().encode().getBytes(UTF_8),
                written -> InstanceRequest.of(Form.parse(new String(written, UTF_8))));
    }

    private static void form(byte[] bytes) {
        same(
                Form.parse(new String(bytes, UTF_8)),
                read -> read.encode().getBytes(UTF_8),
                written -> Form.parse(new String(written, UTF_8)));
    }

    /// As each of the methods in turn; what one refuses another may take.
    private static void json(byte[] bytes) {
        if (!(Json.read(bytes) instanceof ObjectNode members)) {
            return;
        }
        for (var method : JsonMethod.values()) {
            try {
                var call = method.read(members);
                method.read((ObjectNode) Json.read(Json.write(call.write())));
                call.answer(members);
            } catch (MalformedException _) {
                // refused, as it may be
            }
        }
    }

    private static void hypermedia(byte[] bytes) {
        var json = Json.read(bytes);
        for (Runnable reader : List.<Runnable>of(
                () -> RootDocument.read(json), () -> SearchResult.read(json), () -> TreeView.of(ViewForm.read(json)))) {
            try {
                reader.run();
            } catch (MalformedException _) {
                // refused, as it may be
            }
        }
    }

    private static void search(byte[] bytes) {
        same(
                SearchQuery.parse(new String(bytes, UTF_8)),
                read -> read.text().getBytes(UTF_8),
                written -> SearchQuery.parse(new String(written, UTF_8)));
    }

    private static void template(byte[] bytes) {
        new UriTemplate(new String(bytes, UTF_8))
                .expand(Map.of("query", List.of("a=\"é\" & {b}"), "select_list", List.of("title", "url_string")));
    }

    private interface Codec<F, T> {
        T apply(F from);
    }

    private static <T> void same(T read, Codec<T, byte[]> write, Codec<byte[], T> readAgain) {
        var written = write.apply(read);
        T again;
        try {
            again = readAgain.apply(written);
        } catch (MalformedException e) {
            throw new AssertionError("what was accepted and written is refused: " + new String(written, UTF_8), e);
        }
        if (!read.equals(again)) {
            throw new AssertionError("not the same after writing and reading: " + read + " and " + again);
        }
    }
}
