package org.slapos.master.health;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slapos.master.db.Database;
import org.slapos.master.http.Answer;
import org.slapos.master.http.Call;
import org.slapos.master.http.Door;

/// `/health`: 200 when the database answers within a second, else 503. No certificate is needed, nothing is told but
/// that.
public final class HealthDoor implements Door {
    private static final Duration LIMIT = Duration.ofSeconds(1);

    private final Database database;
    private final Executor executor = Executors.newVirtualThreadPerTaskExecutor();

    public HealthDoor(Database database) {
        this.database = database;
    }

    @Override
    public Answer answer(Call call) {
        if (!call.isGet()) {
            return Answer.methodNotAllowed("GET, HEAD");
        }
        var asked = CompletableFuture.supplyAsync(
                () -> database.inTransaction(tx ->
                        tx.handle().select("select 1").mapTo(Integer.class).one()),
                executor);
        try {
            asked.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            return json(200, "{\"status\":\"ok\"}");
        } catch (TimeoutException _) {
            return json(503, "{\"status\":\"failing\",\"reason\":\"the database does not answer within a second\"}");
        } catch (ExecutionException _) {
            return json(503, "{\"status\":\"failing\",\"reason\":\"the database cannot be reached\"}");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return json(503, "{\"status\":\"failing\",\"reason\":\"shutting down\"}");
        }
    }

    private static Answer json(int status, String body) {
        return new Answer(
                status,
                Map.of("Content-Type", "application/json", "Cache-Control", "no-store"),
                (body + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
