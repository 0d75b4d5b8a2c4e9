package org.slapos.master.db;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/// Where a PostgreSQL database is and who we are there. The password prints as stars.
public record DatabaseAddress(String jdbcUrl, String user, String password) {
    /// From `jdbc:postgresql://host:port/database?user=..&password=..`, or from
    /// `postgresql://user:password@host:port/database`.
    ///
    /// @throws IllegalArgumentException when it is neither
    public static DatabaseAddress parse(String url) {
        if (url.startsWith("jdbc:postgresql:")) {
            return new DatabaseAddress(url, "", "");
        }
        if (!url.startsWith("postgresql://") && !url.startsWith("postgres://")) {
            throw new IllegalArgumentException(
                    "the database's URL must look like postgresql://user:password@host:5432/database");
        }
        var parsed = URI.create(url);
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

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return jdbcUrl.replaceAll("password=[^&]*", "password=***") + " as " + user;
    }
}
