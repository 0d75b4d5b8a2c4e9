package org.slapos.master.db;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;

/// Where a PostgreSQL database is and who we are there. The password prints as stars.
public record DatabaseAddress(String jdbcUrl, String user, String password) {
    /// From `jdbc:postgresql://host:port/database?user=..&password=..`, or from
    /// `postgresql://user:password@host:port/database`.
    ///
    /// @throws IllegalArgumentException when it is neither
    public static DatabaseAddress parse(String url) {
        if (url.startsWith("jdbc:postgresql:")) {
            return ofJdbc(url);
        }
        if (!url.startsWith("postgresql://") && !url.startsWith("postgres://")) {
            throw new IllegalArgumentException(
                    "the database's URL must look like postgresql://user:password@host:5432/database");
        }
        var parsed = parsed(url);
        var login = parsed.getRawUserInfo() == null ? "" : parsed.getRawUserInfo();
        int colon = login.indexOf(':');
        var query = parsed.getRawQuery() == null ? "" : "?" + parsed.getRawQuery();
        var address = login.isEmpty()
                ? parsed.getRawAuthority()
                : parsed.getRawAuthority().substring(login.length() + 1);
        return new DatabaseAddress(
                "jdbc:postgresql://" + address + parsed.getRawPath() + query,
                decode(colon < 0 ? login : login.substring(0, colon)),
                colon < 0 ? "" : decode(login.substring(colon + 1)));
    }

    /// Without the login in the URL itself, which drivers and tools print.
    private static DatabaseAddress ofJdbc(String url) {
        int question = url.indexOf('?');
        var login = new HashMap<String, String>();
        var others = new ArrayList<String>();
        for (var option :
                question < 0 ? new String[0] : url.substring(question + 1).split("&", -1)) {
            var parts = option.split("=", 2);
            if (parts.length == 2 && (parts[0].equals("user") || parts[0].equals("password"))) {
                login.put(parts[0], decode(parts[1]));
            } else if (!option.isEmpty()) {
                others.add(option);
            }
        }
        var rest = others.isEmpty() ? "" : "?" + String.join("&", others);
        return new DatabaseAddress(
                (question < 0 ? url : url.substring(0, question)) + rest,
                login.getOrDefault("user", ""),
                login.getOrDefault("password", ""));
    }

    /// The message of the exception does not hold the URL, which may hold a password.
    private static URI parsed(String url) {
        try {
            return new URI(url);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(
                    "the database's URL is no URL from its character " + (e.getIndex() + 1) + " on: " + e.getReason());
        }
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return jdbcUrl.replaceAll("password=[^&]*", "password=***") + " as " + user;
    }
}
