package org.slapos.master.party;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slapos.master.db.Database;
import org.slapos.master.db.TestDatabase;

class AssignmentsTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final Optional<String> DEFAULT = Optional.of(Project.DEFAULT);

    private Database database;
    private Assignments assignments;
    private String person;

    @BeforeEach
    void open() {
        database = TestDatabase.fresh();
        assignments = new Assignments(database);
        person = database.inTransaction(tx -> new PartyStore().insertPerson(tx, "Alice", NOW));
    }

    @AfterEach
    void close() {
        assignments.close();
        database.close();
    }

    private boolean openIn(Assignments master, Function function, Optional<String> project) {
        return database.inTransaction(tx -> master.open(tx, person, function, project, NOW));
    }

    @Test
    void aFunctionHoldsInItsProjectOnlyAndASiteWideOneEverywhere() {
        assertThat(openIn(assignments, Function.CUSTOMER, DEFAULT)).isTrue();
        assertThat(openIn(assignments, Function.CUSTOMER, DEFAULT)).isFalse();
        openIn(assignments, Function.SALE_AGENT, Optional.empty());

        var held = assignments.of(person);

        assertThat(held.has(Function.CUSTOMER, "PROJ-1")).isTrue();
        assertThat(held.has(Function.CUSTOMER, "PROJ-2")).isFalse();
        assertThat(held.has(Function.PRODUCTION_MANAGER, "PROJ-1")).isFalse();
        assertThat(held.has(Function.SALE_AGENT, "PROJ-2")).isTrue();
        assertThat(held.projects()).containsExactly("PROJ-1");
    }

    @Test
    void whatIsTakenAwayIsGoneAtOnce() {
        openIn(assignments, Function.CUSTOMER, DEFAULT);
        assertThat(assignments.of(person).isIn("PROJ-1")).isTrue();

        boolean closed = database.inTransaction(tx -> assignments.close(tx, person, Function.CUSTOMER, DEFAULT, NOW));

        assertThat(closed).isTrue();
        assertThat(assignments.of(person).isIn("PROJ-1")).isFalse();
    }

    @Test
    void somebodyUnknownHoldsNothing() {
        assertThat(assignments.of("PERSON-9")).isEqualTo(Functions.NONE);
    }

    @Test
    void whatAnotherMasterGivesIsHeard() throws InterruptedException {
        assertThat(assignments.of(person).siteWide()).isEmpty();
        try (var elsewhere = new Assignments(database)) {
            openIn(elsewhere, Function.IS, Optional.empty());
        }
        var deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!assignments.of(person).has(Function.IS) && System.nanoTime() < deadline) {
            Thread.sleep(5); // the notification comes from the database
        }
        assertThat(assignments.of(person).has(Function.IS)).isTrue();
    }
}
