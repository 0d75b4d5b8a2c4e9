package org.slapos.node.agent;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.slapos.node.host.HostException;
import org.slapos.node.supervisor.SupervisorException;
import org.slapos.node.usage.Collect;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.client.SlapException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The daemon: follows what the Master promises and does it at once, until it is closed. Services outlive it.
///
/// ```
///   MasterWatch ──promise──▶ InstanceLoop ──▶ ProcessPartition, one at once
///        │                        ▲ installed    └─started─▶ PromiseLoop, four at once
///        └──────promise──▶ SoftwareLoop ──▶ ProcessSoftware, one at a time
///   certificates: looked at four times a day
///   usage: a sample a minute, a report a day        format: once a day, soon again if it failed
///   software of no use: looked for once an hour, if it is to go at all
/// ```
public final class Agent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
    private static final Duration SUPERVISOR_PERIOD = Duration.ofSeconds(10);
    private static final Duration SAMPLE_PERIOD = Duration.ofMinutes(1);
    private static final Duration FIRST_PROMISE_PERIOD = Duration.ofSeconds(1);
    private static final Duration RETIRE_PERIOD = Duration.ofHours(1);
    private static final Duration SOFTWARE_PERIOD = Duration.ofSeconds(2);
    private static final long ENDING_SECONDS = 20;

    private final NodeRooms rooms;
    private final FormatLoop format;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final MasterWatch watch;
    private final InstanceLoop instances;
    private final SoftwareLoop software;
    private final CertificateLoop certificates;
    private final SharedPidFile softwareLock;
    private final Comeback comeback;
    private final LastPromise lastPromise;
    private final AtomicReference<Optional<ComputerInformation>> promised;
    private final Semaphore newPromise = new Semaphore(0);
    private final Semaphore wake = new Semaphore(0);
    private final CountDownLatch hasAsked = new CountDownLatch(1);
    private final AtomicBoolean hasNews = new AtomicBoolean();
    private Instant supervisorDue = Instant.MIN;
    private String supervisorTrouble = "";
    private boolean hasLookedAtServices;

    public Agent(NodeRooms rooms, FormatLoop format) {
        this.rooms = rooms;
        this.format = format;
        var configuration = rooms.configuration();
        this.watch = new MasterWatch(
                rooms.master(), configuration.computerId(), configuration.agentPoll(), RandomGenerator.getDefault());
        this.comeback = new Comeback(rooms);
        this.lastPromise = rooms.lastPromise();
        this.promised = new AtomicReference<>(lastPromise.recall(configuration.computerId()));
        this.instances = new InstanceLoop(rooms, threads, comeback::isComing);
        this.software = new SoftwareLoop(rooms);
        this.certificates = new CertificateLoop(rooms);
        this.softwareLock = new SharedPidFile(configuration.pidfileSoftware());
    }

    private interface Round {
        void once() throws InterruptedException;
    }

    /// Starts all loops and returns.
    public void start() {
        LOG.info(
                "Agent of {} follows {}",
                rooms.configuration().computerId(),
                rooms.configuration().masterUrl());
        rooms.deleteUnfinished();
        threads.execute(() -> repeat(this::ask));
        threads.execute(() -> repeat(this::follow));
        threads.execute(() -> repeat(instances.promises()::round));
        threads.execute(() -> repeat(this::install));
        threads.execute(() -> repeat(this::measure));
        threads.execute(() -> repeat(this::renew));
        rooms.configuration().collecting().every().ifPresent(pause -> {
            var collect = rooms.collect();
            threads.execute(() -> repeat(() -> collect(collect, pause)));
            threads.execute(() -> repeat(() -> collectSizes(collect, pause)));
        });
        threads.execute(() -> repeat(this::format));
        threads.execute(() -> repeat(this::retire));
    }

    /// A round that fails ends no loop.
    private void repeat(Round round) {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                round.once();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
                if (!Thread.currentThread().isInterrupted()) {
                    LOG.error("this should not have happened; please report it", e);
                    pauseAfterFault();
                }
            }
        }
    }

    private static void pauseAfterFault() {
        try {
            Thread.sleep(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// In a loop of its own: a Master may wait with its answer until it has news.
    private void ask() throws InterruptedException {
        watch.ask().ifPresent(information -> {
            promised.set(Optional.of(information));
            hasNews.set(true);
            newPromise.release();
            wake.release();
        });
        hasAsked.countDown();
        Thread.sleep(watch.pause());
    }

    /// What was promised before this agent began is not acted on before the Master was asked once.
    private void follow() throws InterruptedException {
        keepSupervisor();
        hasAsked.await();
        boolean isNew = hasNews.getAndSet(false);
        promised.get().ifPresent(information -> {
            long begin = System.nanoTime();
            instances.pass(information);
            if (isNew) {
                LOG.debug(
                        "promise of {} partitions: {} ms",
                        information.partitions().size(),
                        (System.nanoTime() - begin) / 1_000_000);
                lastPromise.keep(information);
            }
        });
        if (wake.tryAcquire(rooms.configuration().agentPoll().toMillis(), TimeUnit.MILLISECONDS)) {
            wake.drainPermits();
        }
    }

    private void keepSupervisor() {
        var now = rooms.clock().instant();
        if (now.isBefore(supervisorDue)) {
            return;
        }
        supervisorDue = now.plus(SUPERVISOR_PERIOD);
        try {
            boolean started = rooms.ensureSupervisor();
            if (started) {
                LOG.info("supervisord was started");
            }
            if ((started || !hasLookedAtServices) && comeback.begin()) {
                threads.execute(this::comeBack);
            }
            hasLookedAtServices = true;
            supervisorTrouble = "";
        } catch (HostException | SupervisorException e) {
            if (!supervisorTrouble.equals(e.getMessage())) {
                supervisorTrouble = String.valueOf(e.getMessage());
                LOG.error("{}", supervisorTrouble);
            }
        }
    }

    private void comeBack() {
        try {
            comeback.goOn(promised.get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        wake.release();
    }

    private void install() throws InterruptedException {
        if (newPromise.tryAcquire(SOFTWARE_PERIOD.toMillis(), TimeUnit.MILLISECONDS)) {
            newPromise.drainPermits();
        }
        var information = promised.get();
        if (information.isEmpty() || watch.isAway() || !software.hasWork(information.get())) {
            return;
        }
        softwareLock.enter();
        try {
            if (software.pass(information.get())) {
                instances.softwareChanged();
                wake.release();
            }
        } finally {
            softwareLock.leave();
        }
    }

    private void renew() throws InterruptedException {
        var information = promised.get();
        Thread.sleep(information.isPresent() ? certificates.pass(information.get()) : FIRST_PROMISE_PERIOD);
    }

    private void measure() throws InterruptedException {
        var information = promised.get();
        information.ifPresent(this::measure);
        Thread.sleep(information.isPresent() ? SAMPLE_PERIOD : FIRST_PROMISE_PERIOD);
    }

    private void measure(ComputerInformation information) {
        var configuration = rooms.configuration();
        var usage = rooms.usage();
        try (var lock = PidFile.take(configuration.pidfileReport()).orElse(null)) {
            if (lock == null) {
                return; // a command does it now
            }
            var measured = rooms.measured(information);
            usage.sample(measured);
            var end = usage.periodStart().map(start -> start.plus(configuration.usageReport()));
            if (end.filter(time -> !rooms.clock().instant().isBefore(time)).isPresent()) {
                rooms.askPartitions(information);
                usage.closePeriod(configuration.computerId(), measured);
            }
            if (!watch.isAway() && usage.send(rooms.master(), configuration.computerId()) > 0) {
                LOG.info("usage reported");
            }
        } catch (HostException | SupervisorException e) {
            LOG.warn("usage not measured: {}", e.getMessage());
        } catch (SlapException e) {
            LOG.debug("usage not sent: {}", e.getMessage());
        }
    }

    private void collect(Collect collect, Duration pause) throws InterruptedException {
        try {
            collect.sample();
        } catch (HostException | SupervisorException e) {
            LOG.warn("nothing collected: {}", e.getMessage());
        }
        Thread.sleep(pause);
    }

    private void collectSizes(Collect collect, Duration pause) throws InterruptedException {
        Thread.sleep(pause); // what comes up first has the disk first
        try {
            collect.measureSizes();
        } catch (HostException | SupervisorException e) {
            LOG.warn("sizes not collected: {}", e.getMessage());
        }
    }

    /// The first one was before the agent began.
    private void format() throws InterruptedException {
        Thread.sleep(format.pause());
        format.pass();
    }

    private void retire() throws InterruptedException {
        Thread.sleep(RETIRE_PERIOD);
        var information = promised.get();
        if (information.isEmpty() || watch.isAway()) {
            return;
        }
        softwareLock.enter();
        try {
            rooms.retireSoftware(information.get());
        } catch (HostException e) {
            LOG.warn("software that is of no use stays: {}", e.getMessage());
        } finally {
            softwareLock.leave();
        }
    }

    /// Ends running builds and returns when nothing is at work any more; they are resumed by the next agent.
    @Override
    public void close() {
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(ENDING_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("some work did not end within {} s", ENDING_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        rooms.close();
        LOG.info("Agent ended; services keep running");
    }
}
