package org.slapos.master;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.slapos.master.db.DatabaseAddress;
import org.slapos.master.mail.SmtpMail;
import org.slapos.master.party.TrustedFrontends;
import org.slapos.master.party.Welcome;
import org.slapos.protocol.IniFile;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.NearestWord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes the configuration out of the command line, which wins, and the section `[master]` of a file. Everything that
/// is wrong is told at once.
final class ConfigurationReader {
    static final List<String> KEYS = List.of(
            "data",
            "key-file",
            "key-passphrase-file",
            "host",
            "port",
            "name",
            "public-url",
            "plain-http",
            "software",
            "database-url",
            "postgres-port",
            "postgres-user",
            "trusted-frontends",
            "identity-header",
            "min-free-mb",
            "default-assignments",
            "self-registration",
            "smtp-url",
            "mail-from");

    private static final Logger log = LoggerFactory.getLogger(ConfigurationReader.class);
    private static final Set<String> SECRET = Set.of("database-url", "smtp-url");
    private static final String SECTION = "master";
    private static final int MAX_PORT = 65535;

    private record Setting(String text, String origin) {}

    private final Map<String, Setting> settings = new LinkedHashMap<>();
    private final List<String> faults = new ArrayList<>();

    private ConfigurationReader() {}

    /// @param commandLine by key, without the dashes; several names in one text, separated by blanks
    /// @param file        the file that was asked for; else the default one, if it is there
    static MasterConfiguration read(Map<String, String> commandLine, Optional<Path> file)
            throws ConfigurationException {
        var reader = new ConfigurationReader();
        var chosen = file.or(() -> Optional.of(MasterConfiguration.DEFAULT_FILE).filter(Files::exists));
        chosen.ifPresent(reader::addFile);
        commandLine.forEach((key, text) -> reader.settings.put(key, new Setting(text, "--" + key)));
        var configuration = reader.build();
        if (!reader.faults.isEmpty()) {
            throw new ConfigurationException(reader.faults);
        }
        reader.settings.forEach((key, setting) ->
                log.debug("{} = {} ({})", key, SECRET.contains(key) ? "*****" : setting.text(), setting.origin()));
        return configuration;
    }

    private void addFile(Path file) {
        try {
            var ini = IniFile.read(file);
            ini.section(SECTION).forEach((key, text) -> {
                if (KEYS.contains(key)) {
                    settings.put(key, new Setting(text, file.toString()));
                } else {
                    faults.add(file + ": there is no option '" + key + "', did you mean '" + NearestWord.of(key, KEYS)
                            + "'?");
                }
            });
        } catch (IOException _) {
            faults.add("The configuration file " + file.toAbsolutePath() + " cannot be read.");
        } catch (MalformedException e) {
            faults.add(e.getMessage());
        }
    }

    private MasterConfiguration build() {
        var data = path("data").orElse(MasterConfiguration.DEFAULT_DATA);
        var keyFile = path("key-file").orElseGet(() -> data.resolveSibling(data.getFileName() + ".key"));
        if (keyFile.startsWith(data)) {
            faults.add(
                    "The key file " + keyFile + " lies inside the data folder: a copy of the data would hold its key."
                            + " Choose a place outside by --key-file.");
        }
        var plainHttp = value("plain-http", ConfigurationReader::yesOrNo).orElse(false);
        var host = text("host").orElse(plainHttp ? "127.0.0.1" : "::");
        if (plainHttp && !List.of("127.0.0.1", "::1", "localhost").contains(host)) {
            faults.add("plain-http has no identities and listens on loopback only, not on '" + host + "'.");
        }
        return new MasterConfiguration(
                data,
                keyFile,
                host,
                value("port", ConfigurationReader::port).orElse(MasterConfiguration.DEFAULT_PORT),
                names(),
                value("public-url", ConfigurationReader::root),
                plainHttp,
                path("software"),
                value("database-url", DatabaseAddress::parse).filter(this::isNotShownToAll),
                value("postgres-port", ConfigurationReader::port).orElse(0),
                text("postgres-user"),
                path("key-passphrase-file"),
                frontends(),
                value("min-free-mb", ConfigurationReader::megabytes).orElse(MasterConfiguration.DEFAULT_MIN_FREE_BYTES),
                people());
    }

    private MasterConfiguration.People people() {
        var sender = text("mail-from").orElse("slapos@localhost");
        return new MasterConfiguration.People(
                value("default-assignments", Welcome.DefaultAssignment::read)
                        .orElse(Welcome.DefaultAssignment.CUSTOMER),
                value("self-registration", ConfigurationReader::yesOrNo).orElse(false),
                value("smtp-url", url -> smtp(url, sender)));
    }

    /// What stands on a command line, all users of the machine can read.
    private boolean isNotShownToAll(DatabaseAddress address) {
        boolean isShown =
                Objects.requireNonNull(settings.get("database-url")).origin().startsWith("--")
                        && !address.password().isEmpty();
        if (isShown) {
            faults.add("--database-url holds a password, which everybody on this machine can read there: write"
                    + " database-url into the section [master] of a file that only this user reads, and name it by"
                    + " --config.");
        }
        return !isShown;
    }

    /// The text may hold a password: no message shows it.
    private static SmtpMail.Server smtp(String url, String sender) {
        try {
            return new SmtpMail.Server(new URI(url), sender);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("a URL such as smtp://user:password@mail.example:587 is expected", e);
        }
    }

    private List<String> names() {
        var names = text("name").map(text -> List.of(text.split("\\s+", -1))).orElse(List.of());
        for (var name : names) {
            if (!name.matches("[A-Za-z0-9:][A-Za-z0-9.:-]{0,252}")) {
                faults.add("'" + name + "' is neither a host name nor an address (name).");
            }
        }
        return names;
    }

    private Optional<String> text(String key) {
        return Optional.ofNullable(settings.get(key))
                .map(setting -> setting.text().strip())
                .filter(t -> !t.isEmpty());
    }

    private Optional<Path> path(String key) {
        return value(key, Path::of).map(path -> path.toAbsolutePath().normalize());
    }

    private <T> Optional<T> value(String key, Function<String, T> parse) {
        try {
            return text(key).map(parse);
        } catch (IllegalArgumentException e) {
            faults.add("'" + key + "' is wrong: " + e.getMessage());
            return Optional.empty();
        }
    }

    private TrustedFrontends frontends() {
        var networks = new ArrayList<TrustedFrontends.Network>();
        for (var one : text("trusted-frontends").orElse("").split("[\\s,]+", -1)) {
            if (!one.isEmpty()) {
                try {
                    networks.add(TrustedFrontends.Network.parse(one));
                } catch (IllegalArgumentException e) {
                    faults.add("'trusted-frontends' is wrong: " + e.getMessage());
                }
            }
        }
        return value("identity-header", header -> new TrustedFrontends(networks, header))
                .orElseGet(() -> new TrustedFrontends(networks, TrustedFrontends.DEFAULT_HEADER));
    }

    private static URI root(String text) {
        var url = URI.create(text.endsWith("/") ? text : text + "/");
        if (!List.of("https", "http").contains(String.valueOf(url.getScheme()))
                || url.getHost() == null
                || url.getRawQuery() != null
                || url.getRawFragment() != null
                || url.getRawUserInfo() != null) {
            throw new IllegalArgumentException("a URL such as https://master.example/, not '" + text + "'");
        }
        return url;
    }

    private static int port(String text) {
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > MAX_PORT) {
            throw new IllegalArgumentException("a port is a number from 0 to " + MAX_PORT + ", not '" + text + "'");
        }
        return Integer.parseInt(text);
    }

    private static long megabytes(String text) {
        if (!text.matches("[0-9]{1,9}")) {
            throw new IllegalArgumentException("a whole number of megabytes, not '" + text + "'");
        }
        return Long.parseLong(text) << 20;
    }

    private static boolean yesOrNo(String text) {
        return switch (text) {
            case "true", "yes", "1" -> true;
            case "false", "no", "0" -> false;
            default -> throw new IllegalArgumentException("true or false, not '" + text + "'");
        };
    }
}
