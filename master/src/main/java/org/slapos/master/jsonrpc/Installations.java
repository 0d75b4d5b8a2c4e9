package org.slapos.master.jsonrpc;

import org.slapos.master.party.Requester;
import org.slapos.master.software.FindSoftware;
import org.slapos.master.software.ReportSoftware;
import org.slapos.master.software.SoftwareInstallation;
import org.slapos.master.software.SupplySoftware;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.jsonrpc.Installation;
import org.slapos.protocol.jsonrpc.InstallationCall;
import org.slapos.protocol.jsonrpc.InstallationCall.Reported;
import org.slapos.protocol.jsonrpc.JsonAnswer;
import org.slapos.protocol.jsonrpc.Success;

/// Answers the calls about a SoftwareRelease on a Computer.
public final class Installations {
    private static final String NOT_FOUND = "SOFTWARE-INSTALLATION-NOT-FOUND";

    private final Rights rights;
    private final FindSoftware software;
    private final SupplySoftware supply;
    private final ReportSoftware report;

    public Installations(Rights rights, FindSoftware software, SupplySoftware supply, ReportSoftware report) {
        this.rights = rights;
        this.software = software;
        this.supply = supply;
        this.report = report;
    }

    JsonAnswer answer(Requester who, InstallationCall<?> call) {
        return switch (call) {
            case InstallationCall.Supply(var guid, var url, var state) -> {
                var computer = rights.computer(who, call.method(), guid);
                JsonRefusal.ifAny(supply.supply(computer, url, state), Rights.NO_COMPUTER);
                yield new Success("State changed");
            }
            case InstallationCall.ReportState(var guid, var url, var reported) ->
                reported(rights.computer(who, call.method(), guid), url, reported);
            case InstallationCall.ReportError(var guid, var url, var message) -> {
                var computer = rights.computer(who, call.method(), guid);
                JsonRefusal.ifAny(report.failed(computer, url, message), NOT_FOUND);
                yield new Success("Error reported");
            }
            case InstallationCall.Get(var guid, var url) -> shown(rights.computer(who, call.method(), guid), url);
        };
    }

    private Success reported(ComputerId computer, String url, Reported reported) {
        if (reported == Reported.DESTROYED && find(computer, url).requested() != SoftwareState.DESTROYED) {
            throw new JsonRefusal(
                    403,
                    "SOFTWARE-INSTALLATION-DESTROY-NOT-REQUESTED",
                    "The removal of " + url + " from " + computer + " was not asked for");
        }
        var problem = switch (reported) {
            case AVAILABLE -> report.available(computer, url);
            case BUILDING -> report.building(computer, url, "");
            case DESTROYED -> report.destroyed(computer, url);
        };
        JsonRefusal.ifAny(problem, NOT_FOUND);
        return new Success("State reported");
    }

    private Installation shown(ComputerId computer, String url) {
        var installation = find(computer, url);
        var status = installation.status();
        return new Installation(
                installation.reference(),
                computer.text(),
                installation.url(),
                installation.requested().wire(),
                status.state(),
                status.text(),
                status.since().map(Object::toString),
                installation.errorLog());
    }

    private SoftwareInstallation find(ComputerId computer, String url) {
        return software.find(computer, url)
                .orElseThrow(() -> JsonRefusal.notFound(NOT_FOUND, url + " is not supplied on " + computer));
    }
}
