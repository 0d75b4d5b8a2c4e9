package org.slapos.master.instance;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slapos.master.computer.Computers;
import org.slapos.master.computer.Place;
import org.slapos.master.db.Database;
import org.slapos.master.party.Requester;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.RequestedState;

/// Answers what is requested for a second time and has its place: found by one statement, without a lock, and nothing
/// is written. It is as if this came right before whatever changes it now. What is not that simple is left to
/// [RequestInstance].
final class RepeatedRequest {
    private static final String WHAT = "select " + InstanceStore.COLUMNS + ", " + TreeStore.JOINED + ", "
            + Computers.PLACE + ", exists(select from instance s where s.host_id = i.id) as is_host from ";
    private static final String PLACED = """

            join computer_partition p on p.id = i.partition_id
            join computer c on c.id = p.computer_id
            where i.ended_at is null and not i.shared and t.archived_at is null and\s""";
    private static final String ROOT = WHAT
            + "instance_tree t join instance i on i.tree_id = t.id and i.parent_id is null" + PLACED
            + "t.owner = :owner and t.title = :title";
    private static final String CHILD = WHAT
            + "instance asking join instance_tree t on t.id = asking.tree_id join instance i on i.parent_id = asking.id"
            + PLACED
            + "asking.ended_at is null and asking.state <> 'destroyed' and i.title = :title and t.title <> :title and ";
    private static final String NAMED = CHILD + "asking.reference = :reference";
    private static final String IN_PARTITION = CHILD + """
            asking.partition_id = (select id from computer_partition where reference = :partition
                and computer_id = (select id from computer where reference = :computer))""";

    private final Database database;
    private final SharedStore shared = new SharedStore();

    RepeatedRequest(Database database) {
        this.database = database;
    }

    private record Found(SoftwareInstance instance, InstanceTree tree, Place place, boolean isHost) {
        boolean is(SoftwareInstance.Desire wanted) {
            var state = instance.isRoot() ? wanted.state() : tree.childState(wanted.state());
            return instance.desire().equals(wanted.withState(state))
                    && (!instance.isRoot() || tree.state() == wanted.state());
        }
    }

    /// @param named the instance in whose name it is made, if in another's
    /// @return nothing = it is something new, or not that simple
    Optional<Placement> answer(Requester who, Optional<WhichInstance> named, InstanceRequest wanted) {
        var desire = RequestInstance.desire(wanted, wanted.state().orElse(RequestedState.STARTED));
        if (wanted.shared() || desire.state() == RequestedState.DESTROYED) {
            return Optional.empty();
        }
        return find(who, named, wanted.reference())
                .filter(found -> found.is(desire)
                        && ChooseProject.contradiction(wanted, found.tree).isEmpty())
                .map(found -> new Placement.Placed(
                        DescribeInstance.describe(found.instance, found.tree.title(), found.place, hosted(found))));
    }

    private Optional<Found> find(Requester who, Optional<WhichInstance> named, String title) {
        if (named.isPresent()) {
            return below(named.get(), title);
        }
        return switch (who) {
            case Requester.Person(var reference) -> one(ROOT, Map.of("owner", reference, "title", title));
            case Requester.Computer(var computer) -> one(ROOT, Map.of("owner", computer.text(), "title", title));
            case Requester.Instance(var guid) -> below(new WhichInstance.Named(guid), title);
            case Requester.Anonymous _ -> Optional.empty();
        };
    }

    private Optional<Found> below(WhichInstance asking, String title) {
        return switch (asking) {
            case WhichInstance.Named(var reference) -> one(NAMED, Map.of("reference", reference, "title", title));
            case WhichInstance.InPartition(var computer, var partition) ->
                one(IN_PARTITION, Map.of("computer", computer.text(), "partition", partition.text(), "title", title));
            case WhichInstance.SharedIn _ -> Optional.empty();
        };
    }

    private Optional<Found> one(String query, Map<String, String> values) {
        return database.readOnce(tx -> tx.handle()
                .createQuery(query)
                .bindMap(values)
                .map((row, _) -> found(row))
                .findOne());
    }

    private static Found found(ResultSet row) throws SQLException {
        return new Found(
                InstanceStore.instance(row), TreeStore.joined(row), Computers.place(row), row.getBoolean("is_host"));
    }

    private List<SoftwareInstance> hosted(Found found) {
        return found.isHost ? database.readOnce(tx -> shared.in(tx, found.instance.id())) : List.of();
    }
}
