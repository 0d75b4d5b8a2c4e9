package org.slapos.master.party;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slapos.master.audit.Audit;
import org.slapos.master.db.Transaction;
import org.slapos.master.party.Party.Detail;
import org.slapos.master.party.Party.Kind;

/// Makes a person, with the functions that every new one receives. Inside a transaction.
public final class Welcome {
    private final Assignments assignments;
    private final List<DefaultAssignment> defaults;
    private final PartyStore store = new PartyStore();

    /// A function that every new person receives.
    ///
    /// @param project of a function that is held in one
    public record DefaultAssignment(Function function, Optional<String> project) {
        /// Customer of the default project.
        public static final List<DefaultAssignment> CUSTOMER =
                List.of(new DefaultAssignment(Function.CUSTOMER, Optional.of(Project.DEFAULT)));

        /// Reads `customer`, `production/agent@PROJ-2`...: functions and projects, separated by blanks; without a
        /// project the default one is meant. `none` stands for none.
        ///
        /// @throws IllegalArgumentException when a word is no function, or one of the whole site has a project
        public static List<DefaultAssignment> read(String text) {
            var all = new ArrayList<DefaultAssignment>();
            for (var word : text.strip().split("\\s+", -1)) {
                if (word.equals("none")) {
                    continue;
                }
                var parts = word.split("@", 2);
                var function = Function.ofWire(parts[0])
                        .orElseThrow(() -> new IllegalArgumentException(
                                "there is no function '" + parts[0] + "'; known: " + Function.words()));
                if (!function.isOfProject() && parts.length > 1) {
                    throw new IllegalArgumentException("'" + function + "' is held in the whole site, in no project");
                }
                var project = parts.length > 1 ? parts[1] : Project.DEFAULT;
                all.add(new DefaultAssignment(
                        function, function.isOfProject() ? Optional.of(project) : Optional.empty()));
            }
            return List.copyOf(all);
        }
    }

    public Welcome(Assignments assignments, List<DefaultAssignment> defaults) {
        this.assignments = assignments;
        this.defaults = List.copyOf(defaults);
    }

    /// @param state a draft holds its functions from the moment it is validated
    String welcome(Transaction tx, String title, Map<Detail, String> details, PartyState state, Instant now) {
        var person = store.insert(tx, Kind.PERSON, title, details, state, now);
        for (var given : defaults) {
            boolean isThere = given.project().isEmpty()
                    || given.project()
                            .flatMap(project -> store.find(tx, project))
                            .isPresent();
            if (isThere) { // else the project of the configuration is still to be made
                assignments.open(tx, person, given.function(), given.project(), now);
            }
        }
        assignments.changed(tx, person);
        Audit.note(tx, now, "person.create", person, "'" + title + "' " + state);
        return person;
    }
}
