package org.slapos.master;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.slapos.master.access.Access;
import org.slapos.master.account.AccountDoor;
import org.slapos.master.allocation.ChangeOffer;
import org.slapos.master.allocation.ChangeSupply;
import org.slapos.master.allocation.EndPrivateSupplies;
import org.slapos.master.allocation.Market;
import org.slapos.master.allocation.PlaceInstance;
import org.slapos.master.audit.ListEvents;
import org.slapos.master.billing.HostingMovements;
import org.slapos.master.billing.ListMovements;
import org.slapos.master.billing.RecordUsage;
import org.slapos.master.computer.ComputerCertificates;
import org.slapos.master.computer.Contacts;
import org.slapos.master.computer.FindComputers;
import org.slapos.master.computer.JoinNetwork;
import org.slapos.master.computer.LoadConfiguration;
import org.slapos.master.computer.RegisterComputer;
import org.slapos.master.computer.Retirement;
import org.slapos.master.computer.Revisions;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.hateoas.HypermediaDoor;
import org.slapos.master.http.Answer;
import org.slapos.master.http.Call;
import org.slapos.master.http.Door;
import org.slapos.master.http.Mount;
import org.slapos.master.instance.BackUpInstance;
import org.slapos.master.instance.BangInstances;
import org.slapos.master.instance.ComputerDocuments;
import org.slapos.master.instance.EndLeftovers;
import org.slapos.master.instance.ExplainPlacement;
import org.slapos.master.instance.FetchInstanceCertificate;
import org.slapos.master.instance.FindInstances;
import org.slapos.master.instance.FindKinship;
import org.slapos.master.instance.GiveUpWaiting;
import org.slapos.master.instance.HeldCertificates;
import org.slapos.master.instance.KeepPools;
import org.slapos.master.instance.ListTrees;
import org.slapos.master.instance.LoseComputer;
import org.slapos.master.instance.PlaceWaiting;
import org.slapos.master.instance.PublishConnection;
import org.slapos.master.instance.Readiness;
import org.slapos.master.instance.RemoveUnusedSoftware;
import org.slapos.master.instance.RenameInstance;
import org.slapos.master.instance.ReportInstance;
import org.slapos.master.instance.RequestInstance;
import org.slapos.master.instance.RetireComputer;
import org.slapos.master.jsonrpc.Certificates;
import org.slapos.master.jsonrpc.ComputeNodes;
import org.slapos.master.jsonrpc.Installations;
import org.slapos.master.jsonrpc.Instances;
import org.slapos.master.jsonrpc.JsonMethods;
import org.slapos.master.jsonrpc.MarketMethods;
import org.slapos.master.jsonrpc.MasterMethods;
import org.slapos.master.jsonrpc.Parties;
import org.slapos.master.jsonrpc.Rights;
import org.slapos.master.jsonrpc.Trail;
import org.slapos.master.mail.Mail;
import org.slapos.master.party.AcceptInvitation;
import org.slapos.master.party.Assignments;
import org.slapos.master.party.ChangeAssignments;
import org.slapos.master.party.ChangeParty;
import org.slapos.master.party.ChangePassword;
import org.slapos.master.party.CreateToken;
import org.slapos.master.party.DeliverMail;
import org.slapos.master.party.FetchPersonCertificate;
import org.slapos.master.party.FindParties;
import org.slapos.master.party.ReadFeed;
import org.slapos.master.party.RegisterPerson;
import org.slapos.master.party.RenewCertificate;
import org.slapos.master.party.Sessions;
import org.slapos.master.party.SignIn;
import org.slapos.master.party.Welcome;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.pki.PasswordHash;
import org.slapos.master.registration.Registration;
import org.slapos.master.slaptool.ComputerMethods;
import org.slapos.master.slaptool.InstanceMethods;
import org.slapos.master.slaptool.SlapTool;
import org.slapos.master.slaptool.SoftwareMethods;
import org.slapos.master.slaptool.StatusMethods;
import org.slapos.master.software.ChangeProduct;
import org.slapos.master.software.FindSoftware;
import org.slapos.master.software.ReportSoftware;
import org.slapos.master.software.SoftwareUse;
import org.slapos.master.software.SupplySoftware;
import org.slapos.master.work.Workers;

/// The wing with the trades: Computers, software, instances and what is owed for them, and the doors that lead there.
final class Trades implements AutoCloseable {
    private final Revisions revisions;
    private final Contacts contacts;
    private final Market market;
    private final PlaceWaiting placeWaiting;
    private final Workers workers;
    private final SlapTool slapTool;
    private final JsonMethods jsonMethods;
    private final HypermediaDoor hypermedia;
    private final Registration registration;
    private final Sessions sessions;
    private final DeliverMail mails;
    private final ReadFeed feeds;
    private final AccountDoor account;

    /// @param assignments who may act as what
    /// @param people      how people come in
    /// @param mail        where mails leave
    Trades(
            Database database,
            InstantSource clock,
            CertificateAuthority authority,
            SecureRandom random,
            Assignments assignments,
            MasterConfiguration.People people,
            Mail mail) {
        this.revisions = new Revisions(database);
        this.contacts = new Contacts(database);
        this.market = new Market(database, contacts, clock.instant());
        var places = new PlaceInstance(market);
        this.placeWaiting = new PlaceWaiting(database, clock, revisions, authority, market, places);
        contacts.whenHeardAgain(placeWaiting);
        var findInstances = new FindInstances(database);
        var findComputers = new FindComputers(database, contacts);
        var findSoftware = new FindSoftware(database, clock);
        var bang = new BangInstances(database, clock, revisions, authority);
        var certificates = new ComputerCertificates(database, clock, authority);
        var register = new RegisterComputer(database, clock, assignments, certificates);
        var parties = new FindParties(database, assignments);
        var tokens = new CreateToken(database, clock, random, assignments);
        var welcome = new Welcome(assignments, people.defaultAssignments());
        var passwords = new PasswordHash(random);
        this.sessions = new Sessions(database, clock, random, assignments);
        this.mails = new DeliverMail(database, clock, mail, tokens);
        this.feeds = new ReadFeed(database, clock, assignments);
        var signIn = new SignIn(database, clock, passwords, sessions, assignments);
        this.account = new AccountDoor(
                new RegisterPerson(database, clock, passwords, welcome, assignments, people.selfRegistration()),
                signIn,
                new ChangePassword(database, clock, passwords, sessions),
                sessions,
                parties,
                assignments);
        var trees = new ListTrees(database);
        var access = new Access(findComputers, new FindKinship(database), assignments);
        var documents = new ComputerDocuments(database, revisions);
        var load = new LoadConfiguration(database, clock, revisions, placeWaiting);
        var usage = new RecordUsage(database, clock, findInstances);
        var supply = new SupplySoftware(database, clock, revisions, placeWaiting);
        var reportSoftware = new ReportSoftware(database, clock, revisions);
        var hosting = new HostingMovements();
        var readiness = new Readiness(database, clock, revisions, authority, assignments, places, hosting);
        this.workers = workers(database, clock, authority, supply, certificates, readiness.keep());
        var request = new RequestInstance(database, clock, revisions, authority, assignments, places, readiness);
        var report = new ReportInstance(database, clock, revisions, authority, hosting, placeWaiting);
        var lose =
                new LoseComputer(database, clock, revisions, authority, contacts, market, report, supply, placeWaiting);
        var backUp = new BackUpInstance(database, clock, revisions, authority);
        var rename = new RenameInstance(database, clock, revisions, authority);
        var publish = new PublishConnection(database, clock, revisions, authority);
        var instanceCertificates = new FetchInstanceCertificate(database, clock, authority);
        this.slapTool = new SlapTool(
                access,
                new ComputerMethods(
                        clock, documents, contacts, findInstances, load, usage, bang, register, certificates),
                new SoftwareMethods(supply, reportSoftware, findSoftware),
                new InstanceMethods(
                        clock, access, request, report, bang, rename, publish, instanceCertificates, findInstances),
                new StatusMethods(clock, findComputers, findSoftware, findInstances));
        var rights = new Rights(access, findInstances);
        this.jsonMethods = new JsonMethods(
                new Instances(
                        rights,
                        findInstances,
                        new Instances.Changes(request, report, bang, rename, publish, backUp, instanceCertificates)),
                new ComputeNodes(
                        rights,
                        clock,
                        new ComputeNodes.Found(findComputers, findInstances, findSoftware),
                        new ComputeNodes.Changes(contacts, load, usage, bang, lose, certificates)),
                new Installations(rights, findSoftware, supply, reportSoftware),
                new MarketMethods(
                        rights,
                        new MarketMethods.Changes(
                                new ChangeOffer(database, clock, placeWaiting),
                                new ChangeSupply(database, clock, assignments, supply),
                                new ChangeProduct(database, clock, assignments, placeWaiting),
                                readiness.changes()),
                        new ExplainPlacement(database, clock, market, assignments, readiness),
                        market),
                new Parties(
                        rights,
                        clock,
                        parties,
                        new ChangeParty(database, clock, assignments, welcome),
                        new ChangeAssignments(database, clock, assignments),
                        tokens,
                        new AcceptInvitation(database, clock, assignments),
                        new JoinNetwork(database, clock, parties, placeWaiting),
                        sessions,
                        signIn),
                new Trail(new ListEvents(database), assignments, rights, parties, trees),
                new MasterMethods(rights, tokens, new ListMovements(database)),
                new Certificates(
                        rights,
                        new RenewCertificate(database, clock, authority),
                        new HeldCertificates(database, clock, authority)));
        this.hypermedia = new HypermediaDoor(access, trees, findComputers, findSoftware, clock);
        this.registration = new Registration(register, new FetchPersonCertificate(database, clock, authority));
        workers.start();
    }

    /// What follows later, or comes again and again.
    private Workers workers(
            Database database,
            InstantSource clock,
            CertificateAuthority authority,
            SupplySoftware supply,
            ComputerCertificates certificates,
            KeepPools pools) {
        var giveUp = new GiveUpWaiting(revisions, authority);
        var unused = new RemoveUnusedSoftware(supply);
        var retire = new RetireComputer(certificates, supply);
        var leftovers = new EndLeftovers(revisions, authority, placeWaiting);
        var supplies = new EndPrivateSupplies();
        return new Workers(database, clock)
                .does(GiveUpWaiting.KIND, once(giveUp::run))
                .does(SoftwareUse.KIND, once(unused::run))
                .does(Retirement.KIND, once(retire::run))
                .does(KeepPools.KIND, pools::step)
                .every(KeepPools.LOOK, KeepPools.FORECAST_HOLDS, once((tx, _, now) -> pools.look(tx, now)))
                .every(EndLeftovers.KIND, Duration.ofHours(1), (tx, _, now) -> leftovers.run(tx, now))
                .every(EndPrivateSupplies.KIND, Duration.ofHours(1), once((tx, _, now) -> supplies.run(tx, now)))
                .every(PlaceWaiting.KIND, Duration.ofDays(1), once((tx, _, now) -> placeWaiting.wakeAll(tx, now)));
    }

    @FunctionalInterface
    private interface Task {
        void run(Transaction tx, String subject, Instant now);
    }

    private static Workers.Job once(Task task) {
        return (tx, subject, now) -> {
            task.run(tx, subject, now);
            return false;
        };
    }

    /// Does all the work that is due now.
    void workNow() {
        workers.doDue();
    }

    /// Looks at all that waits for a place and could have one now.
    void placeAll() {
        contacts.write();
        placeWaiting.placeAll();
    }

    Market market() {
        return market;
    }

    /// When Computers were last heard of.
    Contacts contacts() {
        return contacts;
    }

    List<Mount> mounts() {
        return List.of(
                new Mount("/slap/", new SlapDoors(slapTool, signedIn("/slap/", jsonMethods))),
                new Mount("/hateoas", signedIn("/hateoas", hypermedia)),
                new Mount("/hateoas/", signedIn("/hateoas/", hypermedia)),
                new Mount("/account/", signedIn("/account/", account)),
                new Mount("/Person_requestComputer", registration::computer),
                new Mount("/Person_getCertificate", registration::person));
    }

    /// The names of the methods of SLAP v1.
    Set<String> slapMethods() {
        return slapTool.methods();
    }

    /// People enter it by their session too; machines have certificates.
    private Door signedIn(String prefix, Door door) {
        return new SignedIn(door, prefix, sessions, feeds);
    }

    /// Both protocols stand below the same prefix; people enter one of them by their session.
    private record SlapDoors(Door slapTool, Door jsonMethods) implements Door {
        private Door of(Call call) {
            return JsonMethods.takes(call.path()) ? jsonMethods : slapTool;
        }

        @Override
        public Answer answer(Call call) throws IOException {
            return of(call).answer(call);
        }

        @Override
        public boolean knows(Call head) {
            return of(head).knows(head);
        }
    }

    /// Whoever waits for news is answered now: to be called before the server lets running requests end.
    void endWaiting() {
        revisions.endWaiting();
    }

    @Override
    public void close() {
        mails.close();
        sessions.close();
        workers.close();
        placeWaiting.close();
        revisions.close();
        contacts.close();
    }
}
