package org.slapos.protocol;

/// What every reference on the wire has to be: 1 to 200 visible characters without separators of paths or lists.
final class Reference {
    static final int MAX_LENGTH = 200;

    private Reference() {}

    static String checked(String what, String text) {
        if (text.isEmpty() || text.length() > MAX_LENGTH) {
            throw new MalformedException(what + " must have 1 to " + MAX_LENGTH + " characters, not " + text.length());
        }
        if (text.equals(".") || text.equals("..")) {
            throw new MalformedException(what + " must not be '" + text + "'");
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c == '/' || c == ',' || c == 0x7f) {
                throw new MalformedException(what + " must not contain blanks, commas, slashes or control characters: '"
                        + text.replaceAll("\\p{Cntrl}", "?") + "'");
            }
        }
        return text;
    }
}
