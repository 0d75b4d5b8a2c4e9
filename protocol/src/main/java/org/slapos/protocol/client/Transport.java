package org.slapos.protocol.client;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The way to a Master and back: pooled connections, one deadline for a call with all its tries, a limit on the
/// answer, retries of what may be sent twice, redirects of what is only read. Any thread may call.
final class Transport implements AutoCloseable {
    private static final int MAX_REDIRECTS = 5;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final SlapClient.Settings settings;
    private final URI base;
    private final RandomGenerator chance;
    private final Pause pause;
    private volatile HttpClient master;

    /// Held for reading while a call begins: a client that was replaced meanwhile refuses it, but ends what it has
    /// begun.
    private final ReadWriteLock begins = new ReentrantReadWriteLock();
    private final Set<String> trusted = ConcurrentHashMap.newKeySet();
    private @Nullable HttpClient elsewhere;

    /// Waits between two tries.
    interface Pause {
        void sleep(Duration length) throws InterruptedException;
    }

    /// When a call may be sent once more. A connection that could not be made carried nothing, so every call may then.
    enum Repeat {
        /// It only reads: after any failure to bring an answer, and when the Master is busy.
        READING,
        /// Doing it twice is doing it once: when the Master is busy and says when to come back.
        IDEMPOTENT,
        /// Doing it twice is doing it twice.
        NEVER;

        private boolean after(Answer answer) {
            return answer.status() == 503
                    && (this == READING
                            || (this == IDEMPOTENT && answer.retryAfter().isPresent()));
        }

        private boolean after(IOException failure) {
            return this == READING
                    || failure instanceof ConnectException
                    || failure instanceof HttpConnectTimeoutException;
        }
    }

    /// @throws IOException when a TLS file cannot be read
    static Transport open(SlapClient.Settings settings) throws IOException {
        return new Transport(settings, new Random(), Thread::sleep);
    }

    Transport(SlapClient.Settings settings, RandomGenerator chance, Pause pause) throws IOException {
        this.settings = settings;
        this.base = MasterUrl.base(settings.master());
        this.chance = chance;
        this.pause = pause;
        this.trusted.add(host(base));
        this.master = client("https".equals(base.getScheme()), settings);
    }

    /// The Master's URL, ending with a slash.
    URI base() {
        return base;
    }

    HttpRequest.Builder get(URI target) {
        return HttpRequest.newBuilder(target).GET();
    }

    HttpRequest.Builder post(URI target, String contentType, String body) {
        return HttpRequest.newBuilder(target)
                .header("Content-Type", contentType)
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    /// Sends it and brings the answer, whatever its status; a [SlapException] when there is none.
    ///
    /// @param name what is asked, for messages
    Answer send(String name, HttpRequest.Builder builder, Repeat repeat) {
        var request = builder.header("User-Agent", settings.userAgent()).build();
        long end = System.nanoTime() + settings.deadline().toNanos();
        try {
            for (int tried = 1; ; tried++) {
                var wait = growing(tried);
                try {
                    var answer = follow(name, request, end);
                    wait = longest(wait, answer.retryAfter().orElse(Duration.ZERO));
                    if (tried >= settings.tries() || !repeat.after(answer) || wait.toNanos() >= left(end)) {
                        return answer;
                    }
                } catch (IOException e) {
                    if (tried >= settings.tries() || !repeat.after(e) || wait.toNanos() >= left(end)) {
                        throw unreachable(name, why(e), e);
                    }
                }
                pause.sleep(wait);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unreachable(name, "interrupted", e);
        }
    }

    /// Reads the TLS files again, for calls from now on; those on their way end as they began.
    ///
    /// @throws IOException when one of them cannot be read: then all stays as it was
    void rereadFiles() throws IOException {
        var fresh = client("https".equals(base.getScheme()), settings);
        HttpClient before;
        begins.writeLock().lock();
        try {
            before = master;
            master = fresh;
        } finally {
            begins.writeLock().unlock();
        }
        before.shutdown();
    }

    @Override
    public void close() {
        master.shutdownNow();
        synchronized (this) {
            if (elsewhere != null) {
                elsewhere.shutdownNow();
            }
        }
    }

    /// One try: the answer at the end of the redirects, which only a GET follows.
    private Answer follow(String name, HttpRequest first, long end) throws IOException, InterruptedException {
        var request = first;
        for (int redirects = 0; ; redirects++) {
            var answer = exchange(name, request, end);
            var location = answer.location();
            if (location.isEmpty() || !request.method().equals("GET")) {
                return answer;
            }
            var target = target(request.uri(), location.get());
            if (redirects == MAX_REDIRECTS || target == null) {
                return answer;
            }
            request =
                    HttpRequest.newBuilder(request, (_, _) -> true).uri(target).build();
        }
    }

    /// Where a redirect leads, when it is a place to go: another http or https URL, never from https to http.
    private static @Nullable URI target(URI from, String location) {
        try {
            var target = from.resolve(location);
            boolean isAsGood = "https".equals(target.getScheme())
                    || ("http".equals(target.getScheme()) && "http".equals(from.getScheme()));
            return isAsGood && target.getHost() != null ? target : null;
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    private Answer exchange(String name, HttpRequest request, long end) throws IOException, InterruptedException {
        var pending = begin(request);
        try {
            return new Answer(pending.get(left(end), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            pending.cancel(true);
            throw new HttpTimeoutException(
                    "no whole answer within " + settings.deadline().toMillis() + " ms");
        } catch (InterruptedException e) {
            pending.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            throw failure(name, e);
        }
    }

    private CompletableFuture<HttpResponse<byte[]>> begin(HttpRequest request) throws IOException {
        begins.readLock().lock();
        try {
            return way(request.uri()).sendAsync(request, this::bounded);
        } finally {
            begins.readLock().unlock();
        }
    }

    private IOException failure(String name, ExecutionException e) {
        return switch (e.getCause()) {
            case IOException tooLong
            when String.valueOf(tooLong.getMessage()).startsWith("body exceeds capacity") ->
                throw new SlapException(
                        SlapException.Kind.SERVER_ERROR,
                        name + ": the answer of " + base + " is longer than " + settings.maxAnswerBytes() + " bytes",
                        tooLong);
            case IOException failure -> failure;
            case null, default -> new IOException(e.getMessage(), e);
        };
    }

    /// Keeps no more of an answer than is allowed, and nothing of one that says beforehand that it is longer.
    private HttpResponse.BodySubscriber<byte[]> bounded(HttpResponse.ResponseInfo answer) {
        long most = settings.maxAnswerBytes();
        boolean isTooLong = answer.headers().firstValueAsLong("Content-Length").orElse(0) > most;
        return BodySubscribers.limiting(BodySubscribers.ofByteArray(), isTooLong ? 0 : most);
    }

    /// From now on the identity is shown to the host of this URL too: the configuration or the Master names it.
    void trust(URI url) {
        if ("https".equals(base.getScheme()) && "https".equals(url.getScheme())) {
            trusted.add(host(url));
        }
    }

    private static String host(URI url) {
        return String.valueOf(url.getHost()).toLowerCase(Locale.ROOT);
    }

    /// The identity is shown to trusted hosts only, and not when plain HTTP has led there.
    private HttpClient way(URI target) throws IOException {
        if (trusted.contains(host(target)) && base.getScheme().equals(target.getScheme())) {
            return master;
        }
        synchronized (this) {
            if (elsewhere == null) {
                elsewhere = client(true, settings.anonymous());
            }
            return elsewhere;
        }
    }

    private static HttpClient client(boolean overTls, SlapClient.Settings settings) throws IOException {
        var builder = HttpClient.newBuilder()
                .connectTimeout(settings.deadline().dividedBy(settings.tries()))
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER);
        // The JDK's client reads the system's roots even where there is no TLS, unless it is given a context.
        builder.sslContext(
                overTls ? PemFiles.context(settings.identity(), settings.authority()) : PemFiles.trustingNobody());
        return builder.build();
    }

    /// Exponential, with full jitter: clients that failed together do not come back together.
    private Duration growing(int tried) {
        long most = Math.min(LONGEST_PAUSE.toNanos(), FIRST_PAUSE.toNanos() << Math.min(tried - 1, 10));
        return Duration.ofNanos(chance.nextLong(most));
    }

    private static Duration longest(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    private static long left(long end) {
        return Math.max(0, end - System.nanoTime());
    }

    private SlapException unreachable(String name, String why, Exception cause) {
        return new SlapException(SlapException.Kind.UNREACHABLE, name + ": no answer from " + base + ": " + why, cause);
    }

    private static String why(IOException e) {
        var message = e.getMessage();
        if (message == null) {
            return e instanceof ConnectException
                    ? "connection refused"
                    : e.getClass().getSimpleName();
        }
        return message;
    }
}
