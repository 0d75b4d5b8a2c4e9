package org.slapos.master.computer;

import java.util.Map;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.ComputerId;

/// Changes how a Computer is offered. Inside a transaction; any thread.
public final class ChangeComputer {
    private final Computers computers = new Computers();
    private final OfferStore store = new OfferStore();

    /// How a change ends.
    public sealed interface Changed {
        /// @param computer its number
        /// @param isOther  whether anything is another than before
        record Done(long computer, boolean isOther) implements Changed {}

        record Refused(Problem problem) implements Changed {}
    }

    public Changed change(Transaction tx, ComputerId reference, ComputerSettings settings) {
        var found = computers.lock(tx, reference);
        if (found.isEmpty()) {
            return new Changed.Refused(Problem.notFound("No Computer " + reference));
        }
        var supplier = settings.supplier().filter(party -> !party.isEmpty());
        if (supplier.isPresent() && !store.isParty(tx, supplier.get())) {
            return new Changed.Refused(Problem.notFound("supplier: there is no party " + supplier.get()));
        }
        long id = found.get().id();
        var network = settings.network().filter(party -> !party.isEmpty());
        if (network.isPresent() && !store.isNetwork(tx, network.get(), id)) {
            return new Changed.Refused(Problem.notFound("network: there is no " + network.get() + " in project "
                    + found.get().project()));
        }
        return new Changed.Done(id, store.change(tx, id, settings));
    }

    /// Tells the market to look at it again.
    public void moved(Transaction tx, long computer) {
        store.moved(tx, computer);
    }

    /// Nothing when there is no such Computer.
    public Optional<Map<String, String>> settings(Transaction tx, ComputerId reference) {
        return computers.find(tx, reference).map(found -> store.settings(tx, found.id()));
    }
}
