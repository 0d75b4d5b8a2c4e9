package org.slapos.master.health;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slapos.master.db.Database;
import org.slapos.master.http.Answer;
import org.slapos.master.http.Call;
import org.slapos.master.http.Door;

/// `/health`: 200 when the database answers within a second, else 503. No certificate is needed, nothing is told but
/// that.
public final class HealthDoor implements Door {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIMIT = Duration.ofSeconds(1);
    private static final Duration KEPT = Duration.ofMillis(200);

    private final Database database;
    private final Executor executor = Executors.newVirtualThreadPerTaskExecutor();
    private @Nullable Answer last;
    private long lastNanos;

    public HealthDoor(Database database) {
        this.database = database;
    }

    @Override
    public Answer answer(Call call) throws IOException {
        if (!call.isGet()) {
            return Answer.methodNotAllowed("GET, HEAD");
        }
        return answer();
    }

    /// Asked by anybody as often as they like, the database is asked five times a second at most.
    private synchronized Answer answer() throws IOException {
        var kept = last;
        if (kept == null || System.nanoTime() - lastNanos > KEPT.toNanos()) {
            kept = asked();
            last = kept;
            lastNanos = System.nanoTime();
        }
        return kept;
    }

    private Answer asked() throws IOException {
        var asked = CompletableFuture.supplyAsync(
                () -> database.inTransaction(tx ->
                        tx.handle().select("select 1").mapTo(Integer.class).one()),
                executor);
        try {
            asked.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            return json(200, Map.of("status", "ok"));
        } catch (TimeoutException _) {
            return failing("the database does not answer within a second");
        } catch (ExecutionException _) {
            return failing("the database cannot be reached");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return failing("shutting down");
        }
    }

    private static Answer failing(String reason) throws IOException {
        return json(503, Map.of("status", "failing", "reason", reason));
    }

    private static Answer json(int status, Map<String, String> members) throws IOException {
        return new Answer(
                status,
                Map.of("Content-Type", "application/json", "Cache-Control", "no-store"),
                JSON.writeValueAsBytes(members));
    }
}
