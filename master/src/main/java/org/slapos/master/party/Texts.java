package org.slapos.master.party;

import java.util.Optional;
import java.util.regex.Pattern;
import org.slapos.master.Problem;

/// What may be written of a party. Pure.
final class Texts {
    static final int MAX_TITLE = 200;
    private static final int MAX_EMAIL = 254;
    private static final int MAX_DETAIL = 1000;
    private static final Pattern EMAIL = Pattern.compile("[^@\\s<>,;\"]+@[^@\\s<>,;\"]+\\.?[^@\\s<>,;\"]+");

    private Texts() {}

    static Optional<Problem> faultOfTitle(String title) {
        return title.isBlank() || title.length() > MAX_TITLE || hasControl(title)
                ? Optional.of(Problem.invalid(
                        "A title has 1 to " + MAX_TITLE + " characters, none of them a control character"))
                : Optional.empty();
    }

    static Optional<Problem> faultOf(Party.Detail detail, String text) {
        if (detail == Party.Detail.EMAIL && !text.isEmpty()) {
            return faultOfEmail(text);
        }
        return text.length() > MAX_DETAIL || hasControl(text.replace('\n', ' '))
                ? Optional.of(Problem.invalid("'" + detail.wire() + "' has at most " + MAX_DETAIL
                        + " characters, none of them a control character"))
                : Optional.empty();
    }

    static Optional<Problem> faultOfEmail(String email) {
        return email.length() > MAX_EMAIL
                        || hasControl(email)
                        || !EMAIL.matcher(email).matches()
                ? Optional.of(
                        Problem.invalid("'" + printable(email) + "' is no e-mail address such as alice@example.com"))
                : Optional.empty();
    }

    private static boolean hasControl(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }

    private static String printable(String text) {
        var line = text.replaceAll("\\p{Cntrl}", "?");
        return line.length() <= MAX_EMAIL ? line : line.substring(0, MAX_EMAIL) + "…";
    }
}
