package org.slapos.master.jsonrpc;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slapos.master.billing.RecordUsage;
import org.slapos.master.computer.ComputerCertificates;
import org.slapos.master.computer.ComputerPartition;
import org.slapos.master.computer.Contacts;
import org.slapos.master.computer.DescribeStatus;
import org.slapos.master.computer.FindComputers;
import org.slapos.master.computer.FormattedPartition;
import org.slapos.master.computer.LoadConfiguration;
import org.slapos.master.instance.BangInstances;
import org.slapos.master.instance.FindInstances;
import org.slapos.master.instance.LoseComputer;
import org.slapos.master.party.Requester;
import org.slapos.master.pki.SigningRequest;
import org.slapos.master.software.FindSoftware;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.jsonrpc.CertificatePair;
import org.slapos.protocol.jsonrpc.ComputeNodeCall;
import org.slapos.protocol.jsonrpc.JsonAnswer;
import org.slapos.protocol.jsonrpc.ResultList;
import org.slapos.protocol.jsonrpc.Rows;
import org.slapos.protocol.jsonrpc.StatusAnswer;
import org.slapos.protocol.jsonrpc.Success;

/// Answers the calls about Computers.
public final class ComputeNodes {
    private final Rights rights;
    private final InstantSource clock;
    private final Found found;
    private final Changes changes;

    /// Where Computers and what is on them is found.
    public record Found(FindComputers computers, FindInstances instances, FindSoftware software) {}

    /// What can be done to Computers.
    public record Changes(
            Contacts contacts,
            LoadConfiguration load,
            RecordUsage usage,
            BangInstances bang,
            LoseComputer lose,
            ComputerCertificates certificates) {}

    public ComputeNodes(Rights rights, InstantSource clock, Found found, Changes changes) {
        this.rights = rights;
        this.clock = clock;
        this.found = found;
        this.changes = changes;
    }

    JsonAnswer answer(Requester who, ComputeNodeCall<?> call) {
        return switch (call) {
            case ComputeNodeCall.Status(var guid) -> status(rights.computer(who, call.method(), guid));
            case ComputeNodeCall.Instances(var guid) -> instances(who, rights.computer(who, call.method(), guid));
            case ComputeNodeCall.Installations(var guid) ->
                installations(who, rights.computer(who, call.method(), guid));
            case ComputeNodeCall.Format(var guid, var partitions) ->
                format(rights.computer(who, call.method(), guid), partitions);
            case ComputeNodeCall.Bang(var guid, var message) -> {
                var computer = rights.computer(who, call.method(), guid);
                JsonRefusal.ifAny(changes.bang().bangAll(computer, message), Rights.NO_COMPUTER);
                yield new Success("Bang handled");
            }
            case ComputeNodeCall.Lose(var guid) -> {
                var computer = rights.computer(who, call.method(), guid);
                JsonRefusal.ifAny(changes.lose().lose(computer), Rights.NO_COMPUTER);
                yield new Success("Computer emptied");
            }
            case ComputeNodeCall.IssueCertificate(var guid, var request) ->
                issueCertificate(rights.computer(who, call.method(), guid), request);
            case ComputeNodeCall.RevokeCertificate(var guid) -> {
                var computer = rights.computer(who, call.method(), guid);
                JsonRefusal.ifAny(changes.certificates().revoke(computer), Rights.NO_COMPUTER);
                yield new Success("Certificate removed");
            }
            case ComputeNodeCall.Usage(var guid, var document) ->
                usage(rights.computer(who, call.method(), guid), document);
            case ComputeNodeCall.Owned() -> owned(rights.person(who, call.method()));
        };
    }

    private StatusAnswer status(ComputerId id) {
        var computer = found.computers()
                .find(id)
                .orElseThrow(() -> JsonRefusal.notFound(Rights.NO_COMPUTER, "There is no " + id));
        return new StatusAnswer(DescribeStatus.describe(
                found.computers().status(computer), id.text(), "Compute Node", id.text(), clock.instant()));
    }

    /// An instance sees itself only.
    private ResultList<Rows.PlainInstance> instances(Requester who, ComputerId computer) {
        noteContact(who, computer);
        return new ResultList<>(found.instances().tenants(computer).stream()
                .filter(it -> !(who instanceof Requester.Instance(var guid))
                        || it.instance().reference().equals(guid))
                .map(it -> new Rows.PlainInstance(
                        it.instance().title(),
                        it.instance().reference(),
                        it.instance().desire().state().wire(),
                        it.partition().text(),
                        it.instance().desire().release()))
                .toList());
    }

    private ResultList<Rows.Installation> installations(Requester who, ComputerId computer) {
        noteContact(who, computer);
        return new ResultList<>(found.software().on(computer).stream()
                .map(installation -> new Rows.Installation(
                        installation.url(), installation.requested().wire()))
                .toList());
    }

    private void noteContact(Requester who, ComputerId computer) {
        if (who instanceof Requester.Computer) {
            changes.contacts().seen(computer, clock.instant());
        }
    }

    private Success format(ComputerId computer, List<org.slapos.protocol.jsonrpc.FormattedPartition> partitions) {
        var wanted = partitions.stream()
                .map(partition -> new FormattedPartition(
                        new PartitionId(partition.id()),
                        Optional.empty(),
                        Optional.empty(),
                        partition.capabilities(),
                        partition.addresses().stream()
                                .map(address -> new ComputerPartition.Address(
                                        address.networkInterface(),
                                        address.address(),
                                        address.netmask(),
                                        address.gateway(),
                                        address.network()))
                                .toList()))
                .toList();
        JsonRefusal.ifAny(changes.load().load(computer, wanted), Rights.NO_COMPUTER);
        return new Success("Format handled");
    }

    private CertificatePair issueCertificate(ComputerId computer, Optional<String> request) {
        return switch (changes.certificates().generate(computer, request.map(SigningRequest::read))) {
            case ComputerCertificates.Generated.Refused(var problem) ->
                throw JsonRefusal.of(problem, Rights.NO_COMPUTER);
            case ComputerCertificates.Generated.Pair(var certificate, var key) -> new CertificatePair(certificate, key);
        };
    }

    private Success usage(ComputerId computer, String document) {
        try {
            JsonRefusal.ifAny(changes.usage().record(computer, document), Rights.NO_COMPUTER);
        } catch (MalformedException e) {
            throw new JsonRefusal(400, "INVALIDATE_TIOXML", String.valueOf(e.getMessage()));
        }
        return new Success("Usage reported");
    }

    private ResultList<Rows.Computer> owned(String person) {
        return new ResultList<>(found.computers().ownedBy(person).stream()
                .map(listed -> new Rows.Computer(
                        listed.computer().reference().text(),
                        listed.computer().title(),
                        listed.contacted().map(Object::toString),
                        listed.usage().busy(),
                        listed.usage().total()))
                .toList());
    }
}
