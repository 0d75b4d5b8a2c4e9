package org.slapos.master.mail;

import jakarta.mail.Authenticator;
import jakarta.mail.MessagingException;
import jakarta.mail.PasswordAuthentication;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Properties;

/// Sends each mail by an SMTP server, on a connection of its own.
public final class SmtpMail implements Mail {
    private static final String MILLISECONDS = "15000";

    private final Server server;
    private final Session session;

    /// @param url  `smtp://host:port`, or `smtps://...` with TLS from the start; over plain SMTP, STARTTLS is used
    /// where
    ///     the server has it, and demanded when there is a user
    /// @param from the sender's address
    public record Server(URI url, String from) {
        public Server {
            boolean isSmtp = "smtp".equals(url.getScheme()) || "smtps".equals(url.getScheme());
            if (!isSmtp || url.getHost() == null) {
                throw new IllegalArgumentException("a URL such as smtp://user:password@mail.example:587 is expected");
            }
        }

        @Override
        public String toString() {
            return url.getScheme() + "://" + url.getHost() + (url.getPort() < 0 ? "" : ":" + url.getPort());
        }
    }

    public SmtpMail(Server server) {
        this.server = server;
        var protocol = server.url().getScheme();
        var user = server.url().getUserInfo();
        var settings = new Properties();
        settings.put("mail.transport.protocol", protocol);
        var prefix = "mail." + protocol + ".";
        settings.put(prefix + "host", server.url().getHost());
        if (server.url().getPort() >= 0) {
            settings.put(prefix + "port", Integer.toString(server.url().getPort()));
        }
        settings.put(prefix + "connectiontimeout", MILLISECONDS);
        settings.put(prefix + "timeout", MILLISECONDS);
        settings.put(prefix + "writetimeout", MILLISECONDS);
        settings.put(prefix + "ssl.checkserveridentity", "true");
        settings.put(prefix + "starttls.enable", "true");
        settings.put(prefix + "starttls.required", Boolean.toString(user != null));
        settings.put(prefix + "auth", Boolean.toString(user != null));
        this.session = user == null ? Session.getInstance(settings) : Session.getInstance(settings, login(user));
    }

    private static Authenticator login(String user) {
        var parts = user.split(":", 2);
        return new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                return new PasswordAuthentication(parts[0], parts.length > 1 ? parts[1] : "");
            }
        };
    }

    @Override
    public void send(Message message) throws IOException {
        try {
            var mail = new MimeMessage(session);
            mail.setFrom(new InternetAddress(server.from(), true));
            mail.setRecipient(jakarta.mail.Message.RecipientType.TO, new InternetAddress(message.recipient(), true));
            mail.setSubject(message.subject(), StandardCharsets.UTF_8.name());
            mail.setText(message.text(), StandardCharsets.UTF_8.name());
            mail.setHeader("Date", DateTimeFormatter.RFC_1123_DATE_TIME.format(OffsetDateTime.now(ZoneOffset.UTC)));
            Transport.send(mail);
        } catch (MessagingException e) {
            throw new IOException(
                    "The mail server " + server + " did not take a mail to " + message.recipient() + ": "
                            + e.getMessage(),
                    e);
        }
    }
}
