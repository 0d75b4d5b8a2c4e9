package org.slapos.master.software;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.audit.Audit;
import org.slapos.master.computer.CapacityWatch;
import org.slapos.master.computer.ChangeComputer;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.party.Assignments;
import org.slapos.master.party.Function;

/// Says more of a product than supplying it does: an alias, what an instance of a type weighs, when a release becomes
/// effective. For who operates its project, or supplies it on a Computer of his own. The same again changes nothing.
public final class ChangeProduct {
    private static final int MAX_WORD = 200;
    private static final int MAX_WEIGHT = 1000;

    private final Database database;
    private final InstantSource clock;
    private final Assignments assignments;
    private final CapacityWatch capacity;
    private final ProductStore store = new ProductStore();
    private final ChangeComputer computers = new ChangeComputer();

    public ChangeProduct(Database database, InstantSource clock, Assignments assignments, CapacityWatch capacity) {
        this.database = database;
        this.clock = clock;
        this.assignments = assignments;
        this.capacity = capacity;
    }

    /// What is said; what is absent stays as it is.
    ///
    /// @param alias     stands for the newest effective release, with the type if one is given without a weight
    /// @param weight    of the type
    /// @param release   URL of a release of the product
    /// @param effective from when on the release is
    public record Said(
            Optional<String> alias,
            Optional<String> type,
            Optional<Integer> weight,
            Optional<String> release,
            Optional<Instant> effective) {}

    /// Nothing, or everything that is wrong with it.
    public Optional<Problem> change(String person, String title, Said said) {
        var problems = new ArrayList<String>();
        said.alias()
                .filter(alias -> !isWord(alias))
                .ifPresent(alias -> problems.add(
                        "alias '" + alias + "' must have 1 to " + MAX_WORD + " letters, digits, '.', '_' or '-'"));
        if (said.weight().isPresent() && said.type().isEmpty()) {
            problems.add("a weight is one of a type: name it");
        }
        if (said.weight().filter(weight -> weight < 0 || weight > MAX_WEIGHT).isPresent()) {
            problems.add("a weight is 0 to " + MAX_WEIGHT);
        }
        if (said.release().isPresent() != said.effective().isPresent()) {
            problems.add("a release becomes effective at a date: give both");
        }
        if (said.alias().isEmpty() && said.weight().isEmpty() && said.release().isEmpty()) {
            problems.add("nothing is said of the product: give an alias, a weight, or a date of a release");
        }
        return problems.isEmpty()
                ? database.inTransaction(tx -> change(tx, person, title, said))
                : Optional.of(Problem.invalid(String.join("; ", problems)));
    }

    private Optional<Problem> change(Transaction tx, String person, String title, Said said) {
        var found = store.find(tx, title);
        if (found.isEmpty()) {
            return Optional.of(Problem.notFound(
                    "There is no product '" + title + "': a product is made when a release of " + "it is supplied"));
        }
        var product = found.get();
        var functions = assignments.of(tx, person);
        if (!functions.isSystemManager()
                && !functions.has(Function.PRODUCTION_MANAGER, product.project())
                && !functions.has(Function.PRODUCTION_AGENT, product.project())
                && !store.isSupplier(tx, product, person)) {
            return Optional.of(Problem.forbidden(person + " may not change product '" + title + "': who operates "
                    + product.project() + ", or supplies it on a Computer of his own, may"));
        }
        var before = store.said(tx, product.id());
        if (said.release().isPresent()
                && !store.effective(
                        tx, product.id(), said.release().get(), said.effective().orElseThrow())) {
            return Optional.of(
                    Problem.notFound(said.release().get() + " is no release of '" + title + "' that was supplied"));
        }
        if (said.alias().isPresent()
                && !store.alias(
                        tx,
                        said.alias().get().toLowerCase(Locale.ROOT),
                        product.id(),
                        said.weight().isPresent() ? Optional.empty() : said.type())) {
            return Optional.of(Problem.conflict("'" + said.alias().get() + "' stands for another product already"));
        }
        if (said.weight().isPresent()) {
            store.weight(
                    tx, product.id(), said.type().orElseThrow(), said.weight().get());
            for (long computer : store.computers(tx, product.id())) {
                computers.moved(tx, computer);
                capacity.capacityGrew(tx, computer, clock.instant());
            }
        }
        var after = store.said(tx, product.id());
        if (!after.equals(before)) {
            Audit.note(tx, clock.instant(), "product.change", title, before, after);
        }
        return Optional.empty();
    }

    private static boolean isWord(String text) {
        return text.length() <= MAX_WORD && text.matches("[\\p{L}\\p{N}._-]+");
    }
}
