package org.slapos.master.slaptool;

import org.slapos.master.http.Answer;
import org.slapos.master.slaptool.SlapTool.Request;
import org.slapos.master.software.FindSoftware;
import org.slapos.master.software.ReportSoftware;
import org.slapos.master.software.SupplySoftware;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.marshal.Value;

/// The methods about SoftwareReleases.
public record SoftwareMethods(SupplySoftware supply, ReportSoftware report, FindSoftware software) {
    /// By product, or by one of its releases. There is one project, so that `project_reference` says nothing.
    Answer releases(Request request, Target target) {
        var product = request.form().get("software_product_reference").filter(text -> !text.isEmpty());
        var url = request.form().get("software_release_url").filter(text -> !text.isEmpty());
        if (product.isPresent() == url.isPresent()) {
            throw new MalformedException(
                    "exactly one of software_product_reference and software_release_url is expected, not "
                            + (product.isPresent() ? "both" : "none"));
        }
        return product.map(software::releasesOf)
                .or(() -> software.releasesLike(url.orElseThrow()))
                .map(urls -> SlapAnswer.document(
                        Value.list(urls.stream().map(Value::of).toList()), SlapAnswer.SHORT))
                .orElseGet(() -> SlapAnswer.reason(404, "No SoftwareRelease " + url.orElseThrow() + " is known here"));
    }

    Answer supply(Request request, Target target) {
        var word = request.form().get("state").orElse("available");
        var state = SoftwareState.ofWire(word)
                .orElseThrow(() ->
                        new MalformedException("unknown state '" + word + "': available or destroyed is expected"));
        return SlapAnswer.of(supply.supply(target.computer(), request.form().required("url"), state), "None");
    }

    Answer building(Request request, Target target) {
        var form = request.form();
        return SlapAnswer.of(
                report.building(
                        target.computer(),
                        form.required("url"),
                        form.get("progress").orElse("")),
                "None");
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
