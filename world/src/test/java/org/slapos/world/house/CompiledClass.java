package org.slapos.world.house;

import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MethodTypeEntry;
import java.lang.classfile.constantpool.NameAndTypeEntry;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// A class as the compiler wrote it: its name, and the names of the classes it refers to, with dots.
///
/// @param isData it is a record, a sealed type or an enum
record CompiledClass(String name, boolean isData, Set<String> uses) {
    private static final Pattern TYPE = Pattern.compile("L([\\w/$-]+)[;<]");

    /// All classes below a folder, `module-info` and `package-info` left out.
    static List<CompiledClass> below(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            var found = files.filter(file -> file.toString().endsWith(".class"))
                    .filter(file -> !file.getFileName().toString().endsWith("-info.class"))
                    .sorted()
                    .toList();
            var classes = new java.util.ArrayList<CompiledClass>();
            for (var file : found) {
                classes.add(of(ClassFile.of().parse(file)));
            }
            return classes;
        }
    }

    static CompiledClass of(ClassModel model) {
        var uses = new TreeSet<String>();
        for (var entry : model.constantPool()) {
            switch (entry) {
                case ClassEntry used -> addName(uses, used.asInternalName());
                case NameAndTypeEntry used -> addTypes(uses, used.type().stringValue());
                case MethodTypeEntry used -> addTypes(uses, used.descriptor().stringValue());
                default -> {}
            }
        }
        model.fields().forEach(field -> addTypes(uses, field.fieldType().stringValue()));
        model.methods().forEach(method -> addTypes(uses, method.methodType().stringValue()));
        model.findAttribute(Attributes.signature())
                .ifPresent(it -> addTypes(uses, it.signature().stringValue()));
        model.fields().stream()
                .flatMap(field -> field.findAttribute(Attributes.signature()).stream())
                .forEach(it -> addTypes(uses, it.signature().stringValue()));
        model.methods().stream()
                .flatMap(method -> method.findAttribute(Attributes.signature()).stream())
                .forEach(it -> addTypes(uses, it.signature().stringValue()));
        return new CompiledClass(model.thisClass().asInternalName().replace('/', '.'), isData(model), uses);
    }

    private static boolean isData(ClassModel model) {
        return model.findAttribute(Attributes.record()).isPresent()
                || model.findAttribute(Attributes.permittedSubclasses()).isPresent()
                || model.flags().has(AccessFlag.ENUM);
    }

    private static void addName(Set<String> uses, String internalName) {
        if (internalName.startsWith("[")) {
            addTypes(uses, internalName);
        } else {
            uses.add(internalName.replace('/', '.'));
        }
    }

    private static void addTypes(Set<String> uses, String descriptor) {
        TYPE.matcher(descriptor).results().forEach(it -> uses.add(it.group(1).replace('/', '.')));
    }
}
