package org.slapos.node.promise;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class InterpreterTest {
    @Test
    @Tag("checklist:PH-12")
    void thePythonOfAReleaseIsFoundFromAPlainLineAndFromAShellTrampoline() {
        assertThat(Interpreter.ofScript("#!/opt/python/bin/python3 -S\nimport x\n"))
                .contains(Path.of("/opt/python/bin/python3"));
        assertThat(Interpreter.ofScript("#!/bin/sh\n'''exec' \"/opt/py thon/bin/python3\" \"$0\" \"$@\"\n' '''\n"))
                .contains(Path.of("/opt/py thon/bin/python3"));
        assertThat(Interpreter.ofScript("#!/bin/sh\nexec /opt/python/bin/python3 \"$0\"\n"))
                .contains(Path.of("/opt/python/bin/python3"));
        assertThat(Interpreter.ofScript("echo no\n")).isEmpty();
        assertThat(Interpreter.ofScript("#!/bin/sh\necho no\n")).isEmpty();
    }
}
