package org.slapos.master.slaptool;

import org.slapos.master.http.Answer;
import org.slapos.master.slaptool.SlapTool.Request;
import org.slapos.master.software.ReportSoftware;
import org.slapos.master.software.SupplySoftware;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.SoftwareState;

/// The methods about SoftwareReleases.
public record SoftwareMethods(SupplySoftware supply, ReportSoftware report) {
    Answer supply(Request request, Target target) {
        var word = request.form().get("state").orElse("available");
        var state = SoftwareState.ofWire(word)
                .orElseThrow(() ->
                        new MalformedException("unknown state '" + word + "': available or destroyed is expected"));
        return SlapAnswer.of(supply.supply(target.computer(), request.form().required("url"), state), "None");
    }

    Answer building(Request request, Target target) {
        return SlapAnswer.of(report.building(target.computer(), request.form().required("url")), "None");
    }

    Answer available(Request request, Target target) {
        return SlapAnswer.of(report.available(target.computer(), request.form().required("url")), "None");
    }

    Answer destroyed(Request request, Target target) {
        return SlapAnswer.of(report.destroyed(target.computer(), request.form().required("url")), "None");
    }

    Answer failed(Request request, Target target) {
        var form = request.form();
        return SlapAnswer.of(
                report.failed(
                        target.computer(),
                        form.required("url"),
                        form.get("error_log").orElse("")),
                "None");
    }
}
