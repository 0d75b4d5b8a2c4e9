package org.slapos.master.billing;

import java.util.List;
import java.util.stream.Collectors;
import org.slapos.master.computer.Computers;
import org.slapos.master.db.Database;
import org.slapos.master.ledger.Ledger;
import org.slapos.master.ledger.Movement;

/// Shows the ledger.
public final class ListMovements {
    private static final int SEARCHED = 1000;

    private final Database database;
    private final Computers computers = new Computers();
    private final Ledger ledger = new Ledger();

    public ListMovements(Database database) {
        this.database = database;
    }

    /// @param balanced whether the whole ledger, not only what is listed, sums to zero
    public record Listing(List<Movement> movements, boolean balanced) {}

    /// What a person delivered through their Computers or got, the newest first, among the last 1000 of the ledger.
    public Listing of(String person, int limit, int offset) {
        return database.inTransaction(tx -> {
            var own = computers.ownedBy(tx, person).stream()
                    .map(computer -> computer.reference().text())
                    .collect(Collectors.toSet());
            var movements = ledger.newest(tx, SEARCHED, 0).stream()
                    .filter(movement -> movement.transfer().destination().equals(person)
                            || own.contains(movement.transfer().source()))
                    .skip(offset)
                    .limit(limit)
                    .toList();
            return new Listing(movements, ledger.isBalanced(tx));
        });
    }
}
