package org.slapos.world.checklist;

import java.io.IOException;
import java.lang.classfile.Annotation;
import java.lang.classfile.AnnotationElement;
import java.lang.classfile.AnnotationValue;
import java.lang.classfile.AttributedElement;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// The tests that say, by a tag, which lines they answer: read from the compiled classes, which are not loaded.
final class DeclaredTests {
    /// How a tag begins that names a line.
    private final String tag;

    private DeclaredTests(String tag) {
        this.tag = tag;
    }

    /// One test method, or a whole class that has the tag itself.
    ///
    /// @param className as reports name it, `org.slapos.node.SomeTest` or `...SomeTest$Inner`
    /// @param method    empty = each test of the class
    record Declared(String className, Optional<String> method, Set<String> ids) {
        @Override
        public String toString() {
            return className.substring(className.lastIndexOf('.') + 1)
                    + method.map(m -> "." + m).orElse("");
        }
    }

    /// All below `CHECKOUT/MODULE/target/test-classes`.
    ///
    /// @param tag how a tag begins that names a line
    static List<Declared> in(Path checkout, String tag) throws IOException {
        var tests = new DeclaredTests(tag);
        var declared = new ArrayList<Declared>();
        try (var modules = Files.newDirectoryStream(checkout)) {
            for (var module : modules) {
                var classes = module.resolve("target/test-classes");
                if (Files.isDirectory(classes)) {
                    declared.addAll(tests.below(classes));
                }
            }
        }
        return declared;
    }

    private List<Declared> below(Path folder) throws IOException {
        var declared = new ArrayList<Declared>();
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(file -> file.toString().endsWith(".class"))
                    .sorted()
                    .toList();
        }
        for (var file : files) {
            var model = ClassFile.of().parse(file);
            var name = model.thisClass().asInternalName().replace('/', '.');
            var ofClass = ids(model);
            if (!ofClass.isEmpty()) {
                declared.add(new Declared(name, Optional.empty(), ofClass));
            }
            for (var method : model.methods()) {
                var ids = ids(method);
                if (!ids.isEmpty()) {
                    declared.add(
                            new Declared(name, Optional.of(method.methodName().stringValue()), ids));
                }
            }
        }
        return declared;
    }

    private Set<String> ids(AttributedElement element) {
        var ids = new TreeSet<String>();
        element.findAttribute(Attributes.runtimeVisibleAnnotations())
                .ifPresent(all -> all.annotations().forEach(annotation -> add(annotation, ids)));
        return ids;
    }

    private void add(Annotation annotation, Set<String> ids) {
        var name = annotation.className().stringValue();
        if (name.equals("Lorg/junit/jupiter/api/Tag;") || name.equals("Lorg/junit/jupiter/api/Tags;")) {
            annotation.elements().stream().map(AnnotationElement::value).forEach(value -> add(value, ids));
        }
    }

    private void add(AnnotationValue value, Set<String> ids) {
        switch (value) {
            case AnnotationValue.OfString text
            when text.stringValue().startsWith(tag) ->
                ids.add(text.stringValue().substring(tag.length()));
            case AnnotationValue.OfArray array -> array.values().forEach(one -> add(one, ids));
            case AnnotationValue.OfAnnotation nested -> add(nested.annotation(), ids);
            default -> {
                // not a tag of ours
            }
        }
    }
}
