package org.slapos.master.billing;

import java.util.ArrayList;
import java.util.List;
import org.slapos.master.computer.Computers;
import org.slapos.master.db.Database;
import org.slapos.master.ledger.Ledger;
import org.slapos.master.ledger.Movement;

/// Shows the ledger.
public final class ListMovements {
    private final Database database;
    private final Computers computers = new Computers();
    private final Ledger ledger = new Ledger();

    public ListMovements(Database database) {
        this.database = database;
    }

    /// @param balanced whether the whole ledger, not only what is listed, sums to zero
    public record Listing(List<Movement> movements, boolean balanced) {}

    /// What a person delivered through their Computers or got, the newest first.
    public Listing of(String person, int limit, int offset) {
        return database.inTransaction(tx -> {
            var parties = new ArrayList<>(List.of(person));
            computers
                    .ownedBy(tx, person)
                    .forEach(computer -> parties.add(computer.reference().text()));
            return new Listing(ledger.newest(tx, parties, limit, offset), ledger.isBalanced(tx));
        });
    }
}
