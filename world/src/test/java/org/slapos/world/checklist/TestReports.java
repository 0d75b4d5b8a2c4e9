package org.slapos.world.checklist;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;

/// What became of each test, as the last reports of the build say.
final class TestReports {
    enum Ending {
        PASSED,
        SKIPPED,
        FAILED
    }

    private final Map<String, Map<String, List<Ending>>> endings = new HashMap<>();
    private final List<Ending> unknown;

    private TestReports(List<Ending> unknown) {
        this.unknown = unknown;
    }

    /// As if all tests had passed.
    static TestReports allPassed() {
        return new TestReports(List.of(Ending.PASSED));
    }

    /// All `CHECKOUT/MODULE/target/surefire-reports/TEST-*.xml`.
    static TestReports in(Path checkout) throws IOException {
        var reports = new TestReports(List.of());
        try (var modules = Files.newDirectoryStream(checkout)) {
            for (var module : modules) {
                var folder = module.resolve("target/surefire-reports");
                if (Files.isDirectory(folder)) {
                    try (var files = Files.newDirectoryStream(folder, "TEST-*.xml")) {
                        for (var file : files) {
                            reports.read(file);
                        }
                    }
                }
            }
        }
        return reports;
    }

    /// How the executions of a method ended, or those of all methods of the class; none = it did not run.
    List<Ending> of(String className, Optional<String> method) {
        var tests = endings.get(className);
        if (tests == null) {
            return unknown;
        }
        return method.map(name -> tests.getOrDefault(name, List.of()))
                .orElseGet(() -> tests.values().stream().flatMap(List::stream).toList());
    }

    private void read(Path file) throws IOException {
        var factory = XMLInputFactory.newFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        try (InputStream in = Files.newInputStream(file)) {
            var reader = factory.createXMLStreamReader(in);
            var className = "";
            var method = "";
            var ending = Ending.PASSED;
            while (reader.hasNext()) {
                int event = reader.next();
                if (event == XMLStreamConstants.START_ELEMENT) {
                    switch (reader.getLocalName()) {
                        case "testcase" -> {
                            className = reader.getAttributeValue(null, "classname");
                            method = reader.getAttributeValue(null, "name").split("[({\\[ ]", 2)[0];
                            ending = Ending.PASSED;
                        }
                        case "skipped" -> ending = Ending.SKIPPED;
                        case "failure", "error" -> ending = Ending.FAILED;
                        default -> {
                            // outputs, properties, flaky runs
                        }
                    }
                } else if (event == XMLStreamConstants.END_ELEMENT
                        && reader.getLocalName().equals("testcase")) {
                    endings.computeIfAbsent(className, _ -> new HashMap<>())
                            .computeIfAbsent(method, _ -> new ArrayList<>())
                            .add(ending);
                }
            }
        } catch (XMLStreamException e) {
            throw new IOException("cannot read the test report " + file + ": " + e.getMessage(), e);
        }
    }
}
