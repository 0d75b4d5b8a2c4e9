package org.slapos.master.account;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.slapos.master.http.Call;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.jsonrpc.Json;

/// What a call brings: the members of a JSON object, which no page of another site can send unasked, or the fields of
/// one of our own forms.
record Fields(Map<String, String> texts) {
    private static final int MAX_TEXT = 1000;
    private static final String FORM = "application/x-www-form-urlencoded";

    /// A call that is refused. Thrown inside this door only.
    static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final int status;

        Refusal(int status, String why) {
            super(why, null, false, false);
            this.status = status;
        }

        int status() {
            return status;
        }
    }

    static boolean isForm(Call call) {
        return type(call).startsWith(FORM);
    }

    private static String type(Call call) {
        return call.header("content-type").orElse("").toLowerCase(Locale.ROOT);
    }

    /// @param mayBeForm whether one of our pages sends this
    static Fields of(Call call, boolean mayBeForm) {
        if (isForm(call) && mayBeForm) {
            return new Fields(call.form().fields());
        }
        if (!type(call).equals("application/json") && !type(call).startsWith("application/json;")) {
            throw new Refusal(415, "Send a JSON object, as application/json");
        }
        try {
            if (!(Json.read(call.body()) instanceof ObjectNode object)) {
                throw new Refusal(400, "The body must be a JSON object");
            }
            var texts = new LinkedHashMap<String, String>();
            object.properties()
                    .forEach(member ->
                            texts.put(member.getKey(), member.getValue().asText("")));
            return new Fields(texts);
        } catch (MalformedException e) {
            throw new Refusal(400, String.valueOf(e.getMessage()));
        }
    }

    /// @throws Refusal when it is missing, or too long
    String text(String name) {
        var text = texts.get(name);
        if (text == null) {
            throw new Refusal(400, "'" + name + "' is missing");
        }
        if (text.length() > MAX_TEXT || text.indexOf('\0') >= 0) {
            throw new Refusal(400, "'" + name + "' has more than " + MAX_TEXT + " characters, or a zero character");
        }
        return text;
    }

    long number(String name) {
        var text = text(name);
        if (!text.matches("[0-9]{1,18}")) {
            throw new Refusal(400, "'" + name + "' is a number of at most 18 digits");
        }
        return Long.parseLong(text);
    }
}
