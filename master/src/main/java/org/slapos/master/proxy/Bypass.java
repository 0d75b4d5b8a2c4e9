package org.slapos.master.proxy;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slapos.master.http.Call;
import org.slapos.protocol.marshal.Value;

/// Shared instances of two well-known frontends, which a single user has nowhere: what they would publish is answered
/// at once, pointing to the service itself.
final class Bypass {
    private static final String FRONTEND =
            "http://git.erp5.org/gitweb/slapos.git/blob_plain/HEAD:/software/apache-frontend/software.cfg";
    private static final String KVM =
            "http://git.erp5.org/gitweb/slapos.git/blob_plain/refs/tags/slapos-0.92:/software/kvm/software.cfg";
    private static final Set<String> DEFAULT_TYPES = Set.of("", "default", "RootSoftwareInstance");

    private Bypass() {}

    /// @param partition a sentence in place of a partition's reference
    record Found(String partition, Map<String, String> connection) {}

    /// @param here how callers reach this proxy
    static Optional<Found> of(InstanceWanted wanted, URI here) {
        if (!wanted.shared()) {
            return Optional.empty();
        }
        if (wanted.release().equals(FRONTEND) && DEFAULT_TYPES.contains(wanted.type())) {
            return text(wanted, "url").flatMap(url -> frontend(url, here));
        }
        if (wanted.release().equals(KVM) && wanted.type().equals("frontend")) {
            return text(wanted, "host").flatMap(host -> text(wanted, "port").map(port -> kvm(host, port)));
        }
        return Optional.empty();
    }

    private static Optional<String> text(InstanceWanted wanted, String name) {
        return wanted.parameters().get(name).map(Value::pythonText).filter(text -> !text.isEmpty());
    }

    private static Optional<Found> frontend(String url, URI here) {
        URI target;
        try {
            target = URI.create(url);
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
        var domain = Optional.ofNullable(target.getRawAuthority()).orElse("");
        var path = Optional.ofNullable(target.getRawPath()).orElse("");
        // A page that came over https may only show what comes over https.
        var access = "https".equals(here.getScheme())
                ? here + "http_proxy/" + target.getScheme() + "/" + domain + path
                : url;
        return Optional.of(new Found("Fake frontend for " + url, Map.of("secure_access", access, "domain", domain)));
    }

    private static Found kvm(String host, String port) {
        var name = host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
        var url = "https://" + name + ":" + port + "/";
        return new Found("Fake frontend for " + url, Map.of("url", url, "domainname", host, "port", port, "path", "/"));
    }

    /// How callers reach this proxy, with a slash at the end: a server in front of it may tell.
    static URI here(Call call) {
        var scheme = call.header("x-forwarded-proto").filter("https"::equals).orElse("http");
        var host = call.header("host")
                .filter(name -> name.matches("[A-Za-z0-9._:\\[\\]-]+"))
                .orElse("localhost");
        var prefix = call.header("x-forwarded-prefix")
                .filter(path -> path.matches("(/[A-Za-z0-9._~-]+)+/?"))
                .orElse("");
        return URI.create(scheme + "://" + host + (prefix.endsWith("/") ? prefix : prefix + "/"));
    }
}
