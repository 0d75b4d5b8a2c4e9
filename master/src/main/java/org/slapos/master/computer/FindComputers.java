package org.slapos.master.computer;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slapos.master.db.Database;
import org.slapos.protocol.ComputerId;

/// Finds Computers for who shows them. Each method is one transaction; any thread.
public final class FindComputers {
    private final Database database;
    private final Contacts contacts;
    private final Computers computers = new Computers();

    public FindComputers(Database database, Contacts contacts) {
        this.database = database;
        this.contacts = contacts;
    }

    /// @param contacted the last contact known to this process or written by any
    public record Listed(Computer computer, Computers.Usage usage, Optional<Instant> contacted) {}

    public Optional<Computer> find(ComputerId reference) {
        return database.readOnce(tx -> computers.find(tx, reference));
    }

    /// The Computers of a person, in order of registration.
    public List<Listed> ownedBy(String person) {
        return database.inTransaction(tx -> computers.ownedBy(tx, person).stream()
                .map(computer -> new Listed(computer, computers.usage(tx, computer.id()), contacted(computer)))
                .toList());
    }

    /// The last contact known to this process or written by any.
    public Optional<Instant> contacted(Computer computer) {
        return Stream.concat(contacts.last(computer.reference()).stream(), computer.contacted().stream())
                .max(Instant::compareTo);
    }

    /// As [#ownedBy], without a look at their partitions.
    public List<Computer> of(String person) {
        return database.inTransaction(tx -> computers.ownedBy(tx, person));
    }

    /// That it was heard of, or the bang that came after it was.
    public AccessStatus status(Computer computer) {
        return contacted(computer)
                .filter(at -> computer.bang().reported().map(at::isAfter).orElse(true))
                .map(at -> AccessStatus.NONE.next("#access " + computer.reference(), Optional.empty(), at))
                .orElse(computer.bang());
    }
}
