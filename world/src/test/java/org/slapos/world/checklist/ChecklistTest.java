package org.slapos.world.checklist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.classfile.Annotation;
import java.lang.classfile.AnnotationElement;
import java.lang.classfile.AnnotationValue;
import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.RuntimeVisibleAnnotationsAttribute;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The checklist counts what ran, on a small checkout with a compiled test of two methods.
class ChecklistTest {
    private static final ClassDesc SOME_TEST = ClassDesc.of("SomeTest");
    private static final int ABSTRACT = ClassFile.ACC_ABSTRACT;
    private static final MethodTypeDesc NOTHING = MethodTypeDesc.of(ConstantDescs.CD_void);

    @TempDir
    private Path checkout = Path.of("");

    @BeforeEach
    void aCheckout() throws IOException {
        write("docs/checklists/node.md", "# Lines\n\n- AA-01 one\n- AA-02* two\n- AA-03 three\n- AA-04 four\n");
        write("docs/divergences.md", "| What | Here |\n|---|---|\n");
        var compiled = checkout.resolve("node/target/test-classes/SomeTest.class");
        Files.createDirectories(compiled.getParent());
        ClassFile.of()
                .buildTo(
                        compiled,
                        SOME_TEST,
                        made -> made.withMethod("one", NOTHING, ABSTRACT, method -> method.with(tags("AA-01")))
                                .withMethod("two", NOTHING, ABSTRACT, method -> method.with(tags("AA-02", "AA-03"))));
    }

    private static RuntimeVisibleAnnotationsAttribute tags(String... ids) {
        var tag = ClassDesc.of("org.junit.jupiter.api.Tag");
        var tags = Stream.of(ids)
                .map(id -> Annotation.of(tag, AnnotationElement.ofString("value", "checklist:" + id)))
                .toList();
        return RuntimeVisibleAnnotationsAttribute.of(
                tags.size() == 1
                        ? tags.getFirst()
                        : Annotation.of(
                                ClassDesc.of("org.junit.jupiter.api.Tags"),
                                AnnotationElement.ofArray(
                                        "value",
                                        tags.stream()
                                                .map(AnnotationValue::ofAnnotation)
                                                .toArray(AnnotationValue[]::new))));
    }

    @Test
    void aLineIsTestedWhenItsTestRan() throws IOException {
        report(testcase("one", ""), testcase("two(Path)[3]", ""));
        assertThat(Checklist.of(checkout, "node").missing()).containsExactly("AA-04");
    }

    @Test
    void aTestThatWasSkippedOrFailedOrDidNotRunAnswersNothing() throws IOException {
        report(testcase("one", "<skipped message='no root'/>"));
        assertThat(printed())
                .contains("AA-01  one  [SomeTest.one was skipped]")
                .contains("AA-02  two  [SomeTest.two did not run]")
                .contains("4 lines, 0 tested, 0 diverged, 4 missing");
        report(testcase("one", ""), testcase("one", "<failure>no</failure>"));
        assertThat(printed()).contains("AA-01  one  [SomeTest.one failed]");
    }

    @Test
    void aReasonToDifferAnswersALineAndNeverAContract() throws IOException {
        write("docs/divergences.md", "| [AA-02 to AA-04] all of it | none |\nno table: [AA-01]\n");
        var checklist = Checklist.of(checkout, "node");
        assertThat(checklist.missing()).containsExactly("AA-01", "AA-02");
        assertThat(checklist.wrong()).singleElement().asString().startsWith("AA-02 is a contract");
    }

    @Test
    void aTagThatIsNoLineIsWrong() throws IOException {
        write("docs/checklists/node.md", "- AA-01 one\n- AA-02 two\n");
        report(testcase("one", ""), testcase("two", ""));
        var checklist = Checklist.of(checkout, "node");
        assertThat(checklist.missing()).isEmpty();
        assertThat(checklist.wrong()).singleElement().asString().contains("AA-03, which is no line");
    }

    @Test
    void theTreesOwnTagsAndDivergencesNameLinesThatAreThere() throws IOException {
        var tree = Path.of(System.getProperty("basedir", "."), "..");
        assertThat(Checklist.of(tree, "node").wrong()).isEmpty();
        assertThat(Checklist.of(tree, "master").wrong()).isEmpty();
    }

    @Test
    void eachRowOfTheMasterHasATestOrAReason() throws IOException {
        var tree = Path.of(System.getProperty("basedir", "."), "..");
        assertThat(Checklist.declared(tree, "master").missing()).isEmpty();
    }

    @Test
    void aRowOfTheMasterThatNeedNotBeIsNotMissing() throws IOException {
        write(
                "docs/checklists/master.md",
                "| 7 | must | one |\n| 8 | should | two |\n| 9 | could | three |\n| 4.5.10 | must | four |\n");
        write("docs/divergences.md", "| What [row 7 to 8] | Here |\n| other [row 4.5.10] | no |\n");
        var checklist = Checklist.of(checkout, "master");
        assertThat(checklist.missing()).containsExactly("7", "4.5.10");
        assertThat(checklist.wrong())
                .hasSize(2)
                .allSatisfy(text -> assertThat(text).contains("is a contract"));
    }

    private String printed() throws IOException {
        var out = new ByteArrayOutputStream();
        Checklist.of(checkout, "node").print(new PrintStream(out, true, StandardCharsets.UTF_8), false);
        return out.toString(StandardCharsets.UTF_8);
    }

    private static String testcase(String name, String inside) {
        return "<testcase classname='" + SOME_TEST.displayName() + "' name='" + name + "'>" + inside + "</testcase>";
    }

    private void report(String... testcases) throws IOException {
        write(
                "node/target/surefire-reports/TEST-SomeTest.xml",
                "<testsuite>" + String.join("", testcases) + "</testsuite>");
    }

    private void write(String name, String text) throws IOException {
        var file = checkout.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
