package org.slapos.master.slaptool;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Optional;
import org.slapos.master.computer.AccessStatus;
import org.slapos.master.computer.FindComputers;
import org.slapos.master.http.Answer;
import org.slapos.master.instance.FindInstances;
import org.slapos.master.slaptool.SlapTool.Request;
import org.slapos.master.software.FindSoftware;
import org.slapos.protocol.marshal.Value;

/// The three methods that show an access status (SLAP protocol, access status dictionary).
public record StatusMethods(
        InstantSource clock, FindComputers computers, FindSoftware software, FindInstances instances) {
    private static final Duration SHORT = Duration.ofSeconds(216);
    private static final Duration LONG = Duration.ofSeconds(432);

    Answer computer(Request request, Target target) {
        var found = computers.find(target.computer());
        if (found.isEmpty()) {
            return SlapAnswer.reason(404, "No Computer " + target.computer());
        }
        var status = computers
                .contacted(found.get())
                .map(at -> AccessStatus.NONE.next("#access " + target.computer(), Optional.empty(), at))
                .orElse(AccessStatus.NONE);
        return answer(
                status,
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
        var entries = new LinkedHashMap<String, Value>();
        entries.put("reference", Value.of(reference));
        entries.put("portal_type", Value.of(type));
        entries.put("state", Value.of(status.state()));
        var reported = status.reported();
        if (reported.isEmpty()) {
            entries.put("text", Value.of("#error no data found for " + reference));
            entries.put("user", Value.of("SlapOS Master"));
            entries.put("created_at", Value.of(text(clock.instant())));
            entries.put("since", Value.of(text(clock.instant())));
            entries.put("no_data", Value.of(1));
        } else {
            entries.put("text", Value.of(status.text()));
            entries.put("user", Value.of(reporter));
            entries.put("created_at", Value.of(text(reported.get())));
            entries.put("since", Value.of(text(status.since().orElse(reported.get()))));
            var silence = Duration.between(reported.get(), clock.instant());
            entries.put("no_data_since_5_minutes", Value.of(silence.compareTo(SHORT) > 0 ? 1 : 0));
            entries.put("no_data_since_15_minutes", Value.of(silence.compareTo(LONG) > 0 ? 1 : 0));
        }
        return SlapAnswer.document(new Value.Dictionary(entries), SlapAnswer.STATUS);
    }

    private static String text(Instant instant) {
        return DateTimeFormatter.RFC_1123_DATE_TIME.format(instant.atZone(ZoneOffset.UTC));
    }
}
