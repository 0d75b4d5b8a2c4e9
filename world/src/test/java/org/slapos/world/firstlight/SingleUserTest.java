package org.slapos.world.firstlight;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slapos.world.computer.TestComputer;

/// The demo by an ordinary user: one user and the loopback addresses.
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SingleUserTest {
    private static final String USER = "newcomer";
    private static final String HOME = "/srv/newcomer";
    private static final String STATE_BEFORE = HOME + "/state-before";

    private final TestComputer computer;
    private final Demo demo;

    @RegisterExtension
    final StepsInOrder steps;

    SingleUserTest() throws IOException {
        computer = TestComputer.start();
        computer.run("useradd", "--create-home", "--home-dir", HOME, USER).succeeded();
        demo = Demo.as(computer, USER, HOME);
        steps = new StepsInOrder(demo::logs);
    }

    @AfterAll
    void close() {
        computer.close();
    }

    @Test
    @Order(1)
    void anOrdinaryUserIsServedToo() {
        demo.rememberMachine(STATE_BEFORE);
        var served = demo.start();
        assertThat(served.owner()).isEqualTo(USER);
        assertThat(demo.get(served.url()).status()).isEqualTo(200);
        var uid = Integer.parseInt(computer.run("id", "--user", USER).succeeded());
        // The first process is the computer's own.
        assertThat(computer.processes().stream().filter(it -> it.pid() != 1))
                .isNotEmpty()
                .allSatisfy(it -> assertThat(it.uid()).isEqualTo(uid));
    }

    @Test
    @Order(2)
    void theMachineIsAsItWas() {
        demo.stop().succeeded();
        assertThat(demo.differences(STATE_BEFORE)).isEmpty();
        assertThat(computer.file(demo.inside(""))).doesNotExist();
        assertThat(computer.processes()).hasSize(1);
    }
}
