package org.slapos.master.party;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slapos.master.db.Database;
import org.slapos.master.db.Listening;
import org.slapos.master.db.Transaction;
import org.slapos.master.mail.Mail;
import org.slapos.master.mail.Message;
import org.slapos.master.party.Party.Detail;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends the mails that are due, on a thread of its own. The one-time link of a mail is made here, when it leaves, so
/// that no secret waits in the database; what fails is tried again for two days, each time with a new link.
public final class DeliverMail implements AutoCloseable {
    static final String CHANNEL = "mail_due";

    private static final Logger log = LoggerFactory.getLogger(DeliverMail.class);
    private static final Duration PAUSE = Duration.ofMinutes(1);
    private static final int MAX_ATTEMPTS = 60;

    private final Database database;
    private final InstantSource clock;
    private final Mail mail;
    private final CreateToken tokens;
    private final MailStore store = new MailStore();
    private final PartyStore parties = new PartyStore();
    private final Semaphore news = new Semaphore(0);
    private final Listening listening;
    private final Thread thread;
    private volatile boolean closed;

    public DeliverMail(Database database, InstantSource clock, Mail mail, CreateToken tokens) {
        this.database = database;
        this.clock = clock;
        this.mail = mail;
        this.tokens = tokens;
        this.listening = database.listen(CHANNEL, _ -> news.release());
        this.thread = database.start("mail", this::run);
    }

    private void run() {
        while (!closed) {
            try {
                deliver();
                news.tryAcquire(PAUSE.toSeconds(), TimeUnit.SECONDS);
                news.drainPermits();
            } catch (InterruptedException _) {
                return;
            } catch (RuntimeException e) {
                log.warn("Mails wait: {}", e.getMessage());
                pause();
            }
        }
    }

    /// Sends all that are due now.
    private void deliver() {
        while (!closed) {
            var now = clock.instant();
            var due = database.inTransaction(tx -> store.take(tx, PAUSE, now));
            if (due.isEmpty()) {
                return;
            }
            deliver(due.get(), now);
        }
    }

    private void deliver(MailStore.Due due, Instant now) {
        Optional<Token> token = database.inTransaction(tx -> {
            if (isWanted(tx, due)) {
                return Optional.of(
                        tokens.make(tx, due.scope(), due.scope().life(), due.person(), Token.Bound.NOTHING, now));
            }
            store.sent(tx, due.id(), now);
            return Optional.empty();
        });
        if (token.isEmpty()) {
            return;
        }
        try {
            mail.send(message(due, token.get()));
            database.inTransaction(tx -> {
                store.sent(tx, due.id(), now);
                return now;
            });
        } catch (IOException e) {
            log.warn("{} Attempt {} of {}.", e.getMessage(), due.attempts(), MAX_ATTEMPTS);
            var again = due.attempts() >= MAX_ATTEMPTS
                    ? now.plus(Duration.ofDays(36_500))
                    : now.plus(PAUSE.multipliedBy(due.attempts()));
            database.inTransaction(tx -> {
                store.failed(tx, due.id(), String.valueOf(e.getMessage()), again);
                return now;
            });
        }
    }

    /// Not when the address to verify is no longer the one that the person has given last. Whoever changes that waits
    /// until the token is there to be withdrawn.
    private boolean isWanted(Transaction tx, MailStore.Due due) {
        return due.scope() != Token.Scope.EMAIL_VERIFICATION
                || parties.lock(tx, due.person())
                        .filter(person -> due.recipient().equals(person.detail(Detail.NEW_EMAIL))
                                || (person.state() == PartyState.DRAFT
                                        && due.recipient().equals(person.detail(Detail.EMAIL))))
                        .isPresent();
    }

    private static Message message(MailStore.Due due, Token token) {
        var host = due.root().getAuthority();
        return switch (due.scope()) {
            case EMAIL_VERIFICATION ->
                new Message(
                        due.recipient(),
                        "Verify your e-mail address for SlapOS",
                        "Somebody gave this address at " + host + " as theirs. If it was you, follow this link:\n\n"
                                + link(due, "account/verify", token) + "\n\nIf it was not, do nothing.");
            case SIGN_IN ->
                new Message(
                        due.recipient(),
                        "Sign in to SlapOS",
                        "This link signs you in at " + host + ", once, until " + token.expires() + ":\n\n"
                                + link(due, "account/sign-in-by-link", token)
                                + "\n\nIf you did not ask for it, do nothing.");
            default ->
                new Message(
                        due.recipient(),
                        "Choose a new password for SlapOS",
                        "By this link you choose a new password at " + host + ", once, until " + token.expires()
                                + ":\n\n" + link(due, "account/recover", token)
                                + "\n\nIf you did not ask for it, do nothing.");
        };
    }

    private static String link(MailStore.Due due, String path, Token token) {
        return due.root().resolve(path) + "?token=" + token.text();
    }

    private static void pause() {
        try {
            Thread.sleep(Duration.ofSeconds(5));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed = true;
        listening.close();
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(20));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
