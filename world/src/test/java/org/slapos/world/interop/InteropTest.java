package org.slapos.world.interop;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/// `make interop`: the scenarios against each Master.
class InteropTest {
    private interface Opener {
        Target open(Installed installed) throws IOException, InterruptedException;
    }

    @Test
    @DisabledIfEnvironmentVariable(named = "MASTER_URL", matches = ".+")
    void aComputerLivesItsLifeWithOurMaster() throws IOException, InterruptedException {
        play(Target::master);
    }

    @Test
    @DisabledIfEnvironmentVariable(named = "MASTER_URL", matches = ".+")
    void aComputerLivesItsLifeWithOurProxy() throws IOException, InterruptedException {
        play(Target::proxy);
    }

    @Test
    @EnabledIfEnvironmentVariable(named = "MASTER_URL", matches = ".+")
    void aComputerLivesItsLifeWithTheMasterThatWasNamed() throws IOException, InterruptedException {
        play(installed -> Target.elsewhere(installed, System.getenv()));
    }

    private static void play(Opener opener) throws IOException, InterruptedException {
        try (var installed = Installed.copy()) {
            var target = opener.open(installed);
            try (var scenario = new Scenario(target)) {
                scenario.play();
            }
            try (var scenario = new NodeScenario(target)) {
                scenario.play();
            }
        }
    }
}
