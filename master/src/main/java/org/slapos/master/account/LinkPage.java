package org.slapos.master.account;

import java.util.Locale;
import org.slapos.master.http.Answer;

/// The pages behind the links of our mails: a sentence and a button. Without scripts, and in no frame.
final class LinkPage {
    private static final String POLICY =
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";

    private LinkPage() {}

    /// @param path        below `/account/`
    /// @param hasPassword whether a new password is asked for
    static Answer ask(String button, String path, String token, boolean hasPassword) {
        var field = hasPassword
                ? "<p><label>New password <input type=\"password\" name=\"password\" required minlength=\"10\""
                        + " autocomplete=\"new-password\"></label>"
                : "";
        return page(
                200,
                "<form method=\"post\" action=\"/account/" + path + "\">" + field
                        + "<input type=\"hidden\" name=\"token\" value=\"" + escaped(token) + "\">"
                        + "<p><button>" + escaped(button) + "</button></form>");
    }

    static Answer say(int status, String sentence) {
        return page(status, "<p>" + escaped(sentence) + ".");
    }

    private static Answer page(int status, String body) {
        var html = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>SlapOS</title>"
                + "<style>body{font:1rem sans-serif;max-width:30rem;margin:4rem auto;padding:0 1rem}</style><h1>SlapOS</h1>"
                + body + "</html>\n";
        var answer = Answer.text(status, html);
        return answer.with("Content-Type", "text/html; charset=utf-8")
                .with("Content-Security-Policy", POLICY)
                .with("Referrer-Policy", "same-origin")
                .with("X-Content-Type-Options", "nosniff")
                .with("Cache-Control", "no-store");
    }

    private static String escaped(String text) {
        var escaped = new StringBuilder();
        text.chars().forEach(c -> {
            if (Character.isLetterOrDigit(c) || c == ' ' || c == '.' || c == ',' || c == '-' || c == '_') {
                escaped.append((char) c);
            } else {
                escaped.append(String.format(Locale.ROOT, "&#%d;", c));
            }
        });
        return escaped.toString();
    }
}
