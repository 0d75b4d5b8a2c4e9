"""Runs promises of partitions from one warm process: a fork, not a start of an interpreter, for each.

Reads requests on standard input and writes answers on standard output, each a line of JSON:

    {"id": 7, "bonds": [words of slap-run], "partition": "/srv/...", "environment": {...}, "timeout": 20,
     "check_anomaly": false, "config": {...},
     "promises": [{"kind": "plugin", "name": "x.py", "title": "x", "path": ..., "failures": 0, "failed_before": false}]}
    {"id": 7, "title": "x", "failed": true, "was_bad": true, "message": "...", ...}     one for each promise that ends
    {"id": 7, "cpu": 0.012}                                             what they cost
    {"id": 7, "end": true}

`failures` is how often it failed in a row until now, `failed_before` whether its last result was, or told of, an error.
The result and what is known of the promise's next run are left in `.slapgrid/promise` of the partition, for monitoring.
With `--request JSON` one request is done by this process, which is the partition's already.

Promises that the recipe `slapkit:promise` wrote are not even executed: see slapnode.checks. A request's promises run one after the other in a child that is bound to its partition, each in a process of its own
with a deadline; what it leaves running is killed. Several requests run beside each other. Nothing that a partition's
process writes is trusted: lines that are too long or no answer are dropped.
"""
import gc
import json
import logging  # noqa: F401  so that no promise has to load it
import os
import select
import selectors
import signal
import socket
import subprocess  # noqa: F401  as above
import sys
import time

from slapnode import checks, confine, plugins

MAX_LINE = 64 << 10
MAX_OUTPUT = 16 << 10
MAX_REQUEST = 4 << 20
PR_SET_CHILD_SUBREAPER = 36
GRACE_SECONDS = 1.0
ANOMALY_FAILURES = 3
USUAL_PERIODICITY = 120
MAX_MESSAGE = 5000
STATE = ".slapgrid/promise/"
NO_OUTPUT = "Error: No output returned by the promise"


# --- two processes ----------------------------------------------------------------------------------------------------

class Seed:
    """Forks, and never sees a word of anybody: so nothing of one partition is in the memory that another is given.
    It is sent the pipes of each request, and lets the child read and answer."""

    def __init__(self, front, known):
        self.front = front
        self.known = known

    def serve(self):
        while True:
            byte, pipes, _, _ = socket.recv_fds(self.front, 1, 2)
            if not byte:
                return
            request, answers = pipes
            pid = os.fork()
            if pid == 0:
                os.setsid()
                # The child that is waited for only counts what the partition's own costs, and tells that last.
                if os.fork() == 0:
                    self.child(request, answers)
                _, _, used = os.wait4(-1, 0)
                tell(answers, {"end": True, "cpu": used.ru_utime + used.ru_stime})
                os._exit(0)
            os.close(request)
            os.close(answers)
            while has_any_ended():
                pass

    def child(self, request, answers):
        status = 1
        try:
            os.dup2(os.open(os.devnull, os.O_RDWR), 0)
            os.dup2(0, 1)
            for low, high in ((3, min(request, answers)), (min(request, answers) + 1, max(request, answers)),
                              (max(request, answers) + 1, 1 << 30)):
                os.closerange(low, high)
            os.setsid()
            with open(request, "rb") as file:
                words = json.loads(file.read(MAX_REQUEST))
            Runner(words, answers, self.known).run()
            status = 0
        except BaseException as error:  # noqa: BLE001  it is told, and the process ends here
            tell(answers, {"refused": f"{error or type(error).__name__}"})
        finally:
            os._exit(status)


class Front:
    """Passes requests on to new children of the seed, and their answers back."""

    def __init__(self, seed):
        self.seed = seed
        self.selector = selectors.DefaultSelector()
        self.answers = {}  # of the pipes of children: [request id, bytes]
        self.unsent = {}  # of the pipes of children: what of their request is still to be written

    def serve(self):
        self.selector.register(0, selectors.EVENT_READ)
        requests = b""
        while True:
            for key, events in self.selector.select():
                if events & selectors.EVENT_WRITE:
                    self.feed(key.fd)
                elif key.fd != 0:
                    self.heard(key.fd)
                else:
                    more = os.read(0, 65536)
                    if not more:
                        return
                    requests += more
                    *lines, requests = requests.split(b"\n")
                    for line in lines:
                        self.start(line)
                    if len(requests) > MAX_REQUEST:
                        return

    def start(self, line):
        theirs, request = os.pipe()
        answers, theirs_too = os.pipe()
        os.set_blocking(request, False)
        socket.send_fds(self.seed, [b"x"], [theirs, theirs_too])
        os.close(theirs)
        os.close(theirs_too)
        self.answers[answers] = [json.loads(line)["id"], b""]
        self.unsent[request] = line
        self.selector.register(answers, selectors.EVENT_READ)
        self.selector.register(request, selectors.EVENT_WRITE)

    def feed(self, pipe):
        try:
            left = self.unsent[pipe][os.write(pipe, self.unsent[pipe]):]
        except BlockingIOError:
            return
        except OSError:
            left = b""  # it ended
        self.unsent[pipe] = left
        if not left:
            self.selector.unregister(pipe)
            os.close(pipe)
            del self.unsent[pipe]

    def heard(self, pipe):
        identity, before = self.answers[pipe]
        more = os.read(pipe, 65536)
        *lines, rest = (before + more).split(b"\n")
        for line in lines:
            self.forward(identity, line)
        self.answers[pipe][1] = rest[:MAX_LINE]
        if not more:
            self.selector.unregister(pipe)
            os.close(pipe)
            del self.answers[pipe]
            answer({"id": identity, "end": True})

    @staticmethod
    def forward(identity, line):
        try:
            told = json.loads(line) if len(line) <= MAX_LINE else None
        except ValueError:
            told = None
        if isinstance(told, dict) and "id" not in told:
            if told.pop("end", False):
                told = {"cpu": told.get("cpu")}
            answer({**told, "id": identity})


def answer(told):
    line = json.dumps(told).encode() + b"\n"
    while line:
        line = line[os.write(1, line):]


def has_any_ended():
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


def tell(pipe, told):
    os.write(pipe, json.dumps(told).encode()[:MAX_LINE] + b"\n")


# --- the child of a request ----------------------------------------------------------------------------------------------

class Runner:
    """Bound to the partition; whatever its promises start becomes its child when they end, and is killed."""

    def __init__(self, request, pipe, known=None):
        self.request, self.pipe, self.known = request, pipe, known
        self.timeout = float(request["timeout"])

    def run(self):
        request = self.request
        confine.libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        os.chdir(request["partition"])
        if request["bonds"]:
            confine.Bonds(request["bonds"]).bind()
        os.umask(0o027)
        os.environ.clear()
        os.environ.update(request["environment"])
        self.make_folders()
        self.forget_stale_modules()
        for promise in request["promises"]:
            began = time.time()
            told = self.one(promise)
            self.leave(promise, told, began)
            tell(self.pipe, {**told, "title": promise["title"]})

    def make_folders(self):
        for folder in ("result", "log", "cache"):
            os.makedirs(STATE + folder, exist_ok=True)

    def forget_stale_modules(self):
        folder = "etc/plugin"
        if any(promise["kind"] == "plugin" for promise in self.request["promises"]):
            for name in os.listdir(folder):
                base, suffix = os.path.splitext(name)
                if suffix in (".pyc", ".pyo") and not os.path.exists(os.path.join(folder, base + ".py")):
                    os.unlink(os.path.join(folder, name))

    def leave(self, promise, told, began):
        """What monitoring reads."""
        seconds = told.get("periodicity", USUAL_PERIODICITY)
        if "failed" in told:
            self.write("result/" + promise["title"] + ".status.json", {
                "title": promise["title"], "name": promise["name"], "path": promise["path"],
                "execution-time": round(told["seconds"], 3),
                "result": {"type": "Anomaly Result" if self.request["check_anomaly"] else "Test Result",
                           "failed": told["failed"], "message": shortened(told["message"]),
                           "date": time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime(began))}})
        self.write("cache/" + promise["title"], {
            "is_tested": told.get("is_tested", True), "is_anomaly_detected": told.get("is_anomaly_detected", True),
            "periodicity": seconds / 60, "timestamp": began,
            "next_run_after": began + (seconds if "failed" in told else 0),
            "module_file": promise["path"], "module_file_mtime": os.path.getmtime(promise["path"])})

    @staticmethod
    def write(name, content):
        fresh = f"{STATE}{name}.{os.getpid()}.new"
        with open(fresh, "w") as file:
            json.dump(content, file)
        os.replace(fresh, STATE + name)

    def one(self, promise):
        """What became of a promise, run in a process of its own."""
        began = time.monotonic()
        results, theirs = os.pipe()
        output, output_theirs = os.pipe()
        pid = os.fork()
        if pid == 0:
            self.child(promise, theirs, (results, output), output_theirs)
        os.close(theirs)
        os.close(output_theirs)
        told, text, timed_out = self.collect(pid, results, output, began + self.timeout)
        status = self.bury(pid, timed_out)
        os.close(results)
        os.close(output)
        return {**self.judge(promise, told, text, status, timed_out), "seconds": time.monotonic() - began}

    def child(self, promise, results, close, output):
        try:
            for descriptor in (*close, self.pipe):
                os.close(descriptor)
            os.setsid()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(output, 1)
            os.dup2(output, 2)
            confine.default_signals()
            if promise["kind"] == "plugin":
                tell(results, plugins.run(promise, self.request["config"], self.request["check_anomaly"]))
            else:
                os.closerange(3, 1 << 30)
                what = self.known.what(promise["path"]) if self.known else None
                if what is not None:
                    os._exit(self.known.status(what))
                os.execve(promise["path"], [promise["path"]], self.request["environment"])
        except BaseException as error:  # noqa: BLE001  what a promise raises is its failure
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(127)

    def collect(self, pid, results, output, end):
        """Reads what the promise says until it has ended, or its time is over."""
        told, text = b"", b""
        open_pipes = {results, output}
        while open_pipes:
            left = end - time.monotonic()
            ready = select.select(list(open_pipes), [], [], max(0.0, min(left, 0.2)))[0]
            for pipe in ready:
                more = os.read(pipe, 65536)
                if not more:
                    open_pipes.discard(pipe)
                elif pipe == results:
                    told = (told + more)[:MAX_LINE]
                else:
                    text = (text + more)[-MAX_OUTPUT:]
            if not ready and has_ended(pid):
                break  # what it left in the background may keep a pipe open
            if left <= 0:
                return told, text, True
        return told, text, not self.ends_before(pid, end)

    @staticmethod
    def ends_before(pid, end):
        while not has_ended(pid):
            if time.monotonic() > end:
                return False
            time.sleep(0.005)
        return True

    def bury(self, pid, timed_out):
        """Ends the promise's process, and all that it started; its exit status."""
        if timed_out:
            signal_group(pid, signal.SIGTERM)
            end = time.monotonic() + GRACE_SECONDS
            while not has_ended(pid) and time.monotonic() < end:
                time.sleep(0.02)
        signal_group(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        while True:
            left = children()
            for child in left:
                signal_group(child, signal.SIGKILL)
                try:
                    os.kill(child, signal.SIGKILL)
                    os.waitpid(child, 0)
                except OSError:
                    pass
            if not left:
                return os.waitstatus_to_exitcode(status)

    def judge(self, promise, told, text, status, timed_out):
        anomaly = self.request["check_anomaly"]
        text = text.decode("utf-8", "replace").strip()
        if timed_out:
            # In an instance that was fine, once is forgiven.
            return {"failed": not anomaly or promise["failed_before"], "was_bad": True,
                    "message": f"Error: Promise timed out after {self.request['timeout']} seconds"}
        if promise["kind"] == "classic":
            enough = not anomaly or promise["failures"] + 1 >= ANOMALY_FAILURES
            return {"failed": status != 0 and enough, "was_bad": status != 0, "message": text}
        try:
            found = json.loads(told)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            return {"failed": not anomaly or promise["failed_before"], "was_bad": True, "message": NO_OUTPUT,
                    "output": text}
        return {**found, "was_bad": found.get("failed", False), "output": text}


def shortened(message):
    return message if len(message) <= MAX_MESSAGE else "..." + message[-MAX_MESSAGE:]


def has_ended(pid):
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


def signal_group(pid, number):
    try:
        os.killpg(pid, number)
    except OSError:
        pass


def children():
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def main():
    sys.path.insert(0, plugins.PLUGIN_PATH)
    if sys.argv[1:2] == ["--request"]:
        Runner(json.loads(sys.argv[2]), 1).run()
        return
    if os.geteuid() == 0 and not confine.is_trusted(sys.executable):
        sys.exit(f"{sys.executable} can be changed by others than root, and is not run by root")
    import slapos.grid.promise.generic  # noqa: F401  loaded once, for all
    known = checks.Checks()
    gc.collect()
    gc.freeze()
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        ours.close()
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(0, 1)
        Seed(theirs, known).serve()
        os._exit(0)
    theirs.close()
    Front(ours).serve()
