package org.slapos.cli.profile;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.slapos.protocol.MalformedException;

/// One Buildout file as a list of assignments, in its order: `[section]`, `option = value`, `+=` and `-=`, values going
/// on over indented lines, `#` and `;` comments at the start of a line.
final class ProfileSyntax {
    private static final Pattern SECTION =
            Pattern.compile("\\[\\s*([^\\]:\\s][^\\]:]*?)\\s*(?::[^\\]]*)?\\]\\s*(?:[#;].*)?");
    private static final Pattern OPTION = Pattern.compile("([^\\s=+-][^=]*?|<)\\s*([+-]?)=(.*)");

    private ProfileSyntax() {}

    enum Operator {
        SET,
        ADD,
        REMOVE
    }

    /// @param value lines without the blanks around them, joined by line ends
    record Assignment(String section, String option, Operator operator, String value) {}

    /// @throws MalformedException naming the file and the line that is neither
    static List<Assignment> parse(String origin, String text) {
        var found = new ArrayList<Assignment>();
        var section = "";
        int number = 0;
        for (var line : text.split("\r?\n", -1)) {
            number++;
            if (line.isBlank() || line.startsWith("#") || line.startsWith(";")) {
                continue;
            }
            if (Character.isWhitespace(line.charAt(0)) && !found.isEmpty()) {
                found.add(goingOn(found.removeLast(), line.strip()));
                continue;
            }
            var header = SECTION.matcher(line);
            var option = OPTION.matcher(line);
            if (header.matches()) {
                section = header.group(1);
            } else if (option.matches() && !section.isEmpty()) {
                found.add(new Assignment(
                        section,
                        option.group(1),
                        operator(option.group(2)),
                        option.group(3).strip()));
            } else {
                throw new MalformedException(origin + ", line " + number
                        + ": neither a [section] nor 'option = value': '" + line.strip() + "'");
            }
        }
        return found;
    }

    private static Assignment goingOn(Assignment before, String line) {
        var value = before.value().isEmpty() ? line : before.value() + "\n" + line;
        return new Assignment(before.section(), before.option(), before.operator(), value);
    }

    private static Operator operator(String sign) {
        return switch (sign) {
            case "+" -> Operator.ADD;
            case "-" -> Operator.REMOVE;
            default -> Operator.SET;
        };
    }
}
