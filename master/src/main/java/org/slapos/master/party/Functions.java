package org.slapos.master.party;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slapos.master.Problem;

/// What one person may act as at one moment. A person who is not validated holds nothing.
///
/// @param state     nothing = there is no such person
/// @param inProject by reference of the project, `PROJ-n`: the functions held there, none for one that is only owned
/// @param siteWide  those that hold in every project
public record Functions(Optional<PartyState> state, Map<String, Set<Function>> inProject, Set<Function> siteWide) {
    /// Of somebody unknown.
    public static final Functions NONE = new Functions(Optional.empty(), Map.of(), Set.of());

    public Functions {
        inProject = Map.copyOf(inProject);
        siteWide = Set.copyOf(siteWide);
    }

    /// Of one who is in that project, without a function.
    public static Functions in(String project) {
        return new Functions(Optional.of(PartyState.VALIDATED), Map.of(project, Set.of()), Set.of());
    }

    /// Whether the person holds this function there; a site-wide one holds everywhere.
    public boolean has(Function function, String project) {
        return siteWide.contains(function)
                || inProject.getOrDefault(project, Set.of()).contains(function);
    }

    /// Whether the person holds this site-wide function.
    public boolean has(Function function) {
        return siteWide.contains(function);
    }

    /// Manager of the system: may all that anybody may.
    public boolean isSystemManager() {
        return siteWide.contains(Function.SYSTEM_MANAGER);
    }

    /// Whether the person is a member of that project in any function, or owns it.
    public boolean isIn(String project) {
        return inProject.containsKey(project);
    }

    /// The projects that the person is in, by reference.
    public Set<String> projects() {
        return new TreeSet<>(inProject.keySet());
    }

    /// The project that is meant: the named one, else the only one that the person is in.
    ///
    /// @param named `PROJ-n`; nothing = none was named
    public Outcome<String> project(Optional<String> named) {
        var visible = projects();
        if (named.isPresent()) {
            return isSystemManager() || visible.contains(named.get())
                    ? new Outcome.Done<>(named.get())
                    : Outcome.refused(Problem.notFound(
                            "There is no project " + named.get() + " that you may see. " + whereYouAre(visible)));
        }
        if (visible.isEmpty() && isSystemManager()) {
            return new Outcome.Done<>(Project.DEFAULT);
        }
        if (visible.isEmpty()) {
            return Outcome.refused(
                    Problem.forbidden("You are in no project: ask a production manager of one for an invitation"));
        }
        return visible.size() == 1
                ? new Outcome.Done<>(visible.iterator().next())
                : Outcome.refused(Problem.invalid("Which project is meant? " + whereYouAre(visible)));
    }

    private static String whereYouAre(Set<String> visible) {
        return visible.isEmpty()
                ? "You are in none: ask a production manager for an invitation"
                : "You are in " + String.join(", ", visible) + (visible.size() > 1 ? ": name one of them" : "");
    }
}
