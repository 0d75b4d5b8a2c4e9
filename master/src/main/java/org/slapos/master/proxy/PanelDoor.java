package org.slapos.master.proxy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slapos.master.http.Answer;
import org.slapos.master.http.Call;
import org.slapos.master.http.Mount;

/// A page that shows what the proxy knows, and the files of the public folder.
final class PanelDoor {
    private final State state;
    private final Optional<Path> publicFolder;

    PanelDoor(State state, Optional<Path> publicFolder) {
        this.state = state;
        this.publicFolder = publicFolder;
    }

    List<Mount> mounts() {
        return List.of(
                new Mount("/", _ -> Answer.text(302, "/panel/").with("Location", "/panel/")),
                new Mount("/panel/", this::page),
                new Mount("/panel/public/", this::file));
    }

    private Answer page(Call call) {
        if (!call.isGet()) {
            return Answer.methodNotAllowed("GET, HEAD");
        }
        if (!call.path().isEmpty()) {
            return Answer.notFound("/panel/" + call.path());
        }
        return Answer.ok("text/html; charset=utf-8", state.read(PanelDoor::html))
                .with("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
                .with("Cache-Control", "no-store");
    }

    private static String html(Tables tables) {
        var page = new StringBuilder("""
                <!doctype html>
                <html lang="en"><meta charset="utf-8"><title>SlapOS proxy</title>
                <style>body{font-family:sans-serif;margin:2em}td,th{padding:.2em 1em .2em 0;text-align:left}</style>
                <h1>SlapOS proxy</h1>
                """);
        for (var table : ShownTables.overview(tables)) {
            page.append("<h2>").append(escaped(table.title())).append("</h2>\n<table><tr>");
            table.header()
                    .forEach(heading ->
                            page.append("<th>").append(escaped(heading)).append("</th>"));
            page.append("</tr>\n");
            for (var row : table.rows()) {
                page.append("<tr>");
                row.forEach(entry -> page.append("<td>").append(escaped(entry)).append("</td>"));
                page.append("</tr>\n");
            }
            page.append("</table>\n");
        }
        return page.append("</html>\n").toString();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private Answer file(Call call) throws IOException {
        if (!call.isGet()) {
            return Answer.methodNotAllowed("GET, HEAD");
        }
        if (publicFolder.isEmpty()) {
            return Answer.text(403, "No public folder is configured: set public_directory_path in [slapproxy].");
        }
        var file = inside(publicFolder.get(), call.path());
        if (file.isEmpty()) {
            return Answer.notFound("/panel/public/" + call.path());
        }
        return Answer.ok("application/octet-stream", Files.readAllBytes(file.get()))
                .with("Content-Disposition", "attachment");
    }

    /// The plain file of that name really inside the folder, and not too long.
    private static Optional<Path> inside(Path folder, String name) throws IOException {
        if (name.isEmpty() || name.indexOf('\0') >= 0) {
            return Optional.empty();
        }
        var file = folder.resolve(name).normalize();
        if (!file.startsWith(folder) || !Files.isRegularFile(file)) {
            return Optional.empty();
        }
        var real = file.toRealPath();
        return real.startsWith(folder.toRealPath()) && Files.size(real) <= Proxy.MAX_BODY_BYTES
                ? Optional.of(real)
                : Optional.empty();
    }
}
