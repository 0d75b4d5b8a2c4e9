package org.slapos.master.slaptool;

import java.time.InstantSource;
import org.slapos.master.computer.AccessStatus;
import org.slapos.master.computer.DescribeStatus;
import org.slapos.master.computer.FindComputers;
import org.slapos.master.http.Answer;
import org.slapos.master.instance.FindInstances;
import org.slapos.master.slaptool.SlapTool.Request;
import org.slapos.master.software.FindSoftware;

/// The three methods that show an access status (SLAP protocol, access status dictionary).
public record StatusMethods(
        InstantSource clock, FindComputers computers, FindSoftware software, FindInstances instances) {
    Answer computer(Request request, Target target) {
        var found = computers.find(target.computer());
        if (found.isEmpty()) {
            return SlapAnswer.reason(404, "No Computer " + target.computer());
        }
        return answer(
                computers.status(found.get()),
                target.computer().text(),
                "Compute Node",
                target.computer().text());
    }

    Answer instance(Request request, Target target) {
        var found = instances.on(target.computer(), target.partition());
        return answer(
                found.map(f -> f.instance().status()).orElse(AccessStatus.NONE),
                found.map(f -> f.instance().reference())
                        .orElse(target.partition().text()),
                "Software Instance",
                target.computer().text());
    }

    Answer software(Request request, Target target) {
        var url = request.form().required("url");
        var found = software.find(target.computer(), url);
        if (found.isEmpty()) {
            return SlapAnswer.reason(404, url + " is not supplied on " + target.computer());
        }
        return answer(
                found.get().status(),
                found.get().reference(),
                "Software Installation",
                target.computer().text());
    }

    private Answer answer(AccessStatus status, String reference, String type, String reporter) {
        return SlapAnswer.document(
                        DescribeStatus.describe(status, reference, type, reporter, clock.instant())
                                .toValue(),
                        SlapAnswer.STATUS)
                .with("Last-Modified", SlapAnswer.date(status.reported().orElse(clock.instant())));
    }
}
