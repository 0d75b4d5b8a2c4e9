"""Bangs for a service that ended: one for each deployment of its partition, without holding up supervisord.

An event listener of supervisord (READY, a header and a payload of `key:value` words, RESULT). A process whose name
contains `-on-watch` and that exited, whatever its status, or was given up makes its partition bang with its own
certificate: POST softwareInstanceBang. Then `.slapos_latest_bang_timestamp` in the partition holds what stands in its
`.timestamp`, and there is no further bang until a newer deployment.

Events only fill a table with one row per partition. A bang is sent by a child process; one that fails is tried again
with growing pauses, and so do pauses between the bangs of one partition grow, so that a service that dies after each
deployment does not make its whole tree be deployed for ever without a breath.
"""
import argparse
import os
import select
import signal
import sys
import time
from decimal import Decimal, InvalidOperation

EVENTS = ("PROCESS_STATE_EXITED", "PROCESS_STATE_FATAL")
WATCHED = "-on-watch"
BANG_FILE, TIMESTAMP = ".slapos_latest_bang_timestamp", ".timestamp"
NEVER_DEPLOYED = "0"
MAX_BYTES = 4096
HTTP_SECONDS = 60
FIRST_RETRY, LONGEST_RETRY = 5.0, 600.0
FIRST_PAUSE, LONGEST_PAUSE, FORGOTTEN_AFTER = 15.0, 1800.0, 3600.0
AT_ONCE = 4
SENT, AGAIN, REFUSED = 0, 1, 2


def log(text):
    sys.stderr.write(time.strftime("%Y-%m-%d %H:%M:%S ") + text + "\n")
    sys.stderr.flush()


def words(line):
    return dict(word.split(":", 1) for word in line.split() if ":" in word)


def number(text):
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def is_newer(deployed, banged):
    """Timestamps are numbers, with or without a fraction; of others it is only known whether they differ."""
    a, b = number(deployed), number(banged)
    return deployed != banged if a is None or b is None else a > b


class Partition:
    """The two files in a directory whose owner may put anything there: no link is followed, nothing is waited for."""

    def __init__(self, directory):
        self.directory = directory

    def __enter__(self):
        self.descriptor = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        return self

    def __exit__(self, *_):
        os.close(self.descriptor)

    def read(self, name):
        """The text of a file, or None."""
        try:
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=self.descriptor)
        except OSError:
            return None
        try:
            return os.read(file, MAX_BYTES).decode("utf-8", "replace").strip()
        except OSError:
            return None
        finally:
            os.close(file)

    def must_bang(self):
        banged = self.read(BANG_FILE)
        if banged is None:
            return True
        deployed = self.read(TIMESTAMP)
        return deployed is not None and is_newer(deployed, banged)

    def note_bang(self, timestamp):
        """In one step, owned by the partition."""
        fresh = f"{BANG_FILE}.{os.getpid()}.new"
        try:
            os.unlink(fresh, dir_fd=self.descriptor)
        except OSError:
            pass
        file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644,
                       dir_fd=self.descriptor)
        try:
            os.write(file, timestamp.encode())
            if os.geteuid() == 0:
                owner = os.fstat(self.descriptor)
                os.fchown(file, owner.st_uid, owner.st_gid)
        finally:
            os.close(file)
        os.replace(fresh, BANG_FILE, src_dir_fd=self.descriptor, dst_dir_fd=self.descriptor)


class Pending:
    """A bang that is to be sent, or is being sent by `child`."""

    def __init__(self, message, due):
        self.message = message
        self.due = due
        self.retry = FIRST_RETRY
        self.child = None
        self.timestamp = NEVER_DEPLOYED


class Watchdog:
    def __init__(self, settings, clock=time.monotonic):
        self.settings = settings
        self.clock = clock
        self.pending = {}
        self.sent = {}  # when each partition's last bang was, at which of its timestamps, and the pause after it

    def partition_of(self, group):
        """`slappart0` of `slappart0` and of `slappart0-socat`."""
        name = group
        while name:
            if os.path.isdir(os.path.join(self.settings.instance_root, name)):
                return name
            name = name.rpartition("-")[0]
        return None

    def event(self, name, payload):
        process, group = payload.get("processname", ""), payload.get("groupname", "")
        if name not in EVENTS or WATCHED not in process:
            return
        partition = self.partition_of(group)
        if partition is None:
            log(f"{group}:{process} ended; it belongs to no partition")
            return
        how = "was given up" if name == EVENTS[1] else "ended"
        if partition not in self.pending and self.must_bang(partition):
            now = self.clock()
            last, _, pause = self.sent.get(partition, (0, None, 0))
            due = now if now - last > FORGOTTEN_AFTER else max(now, last + pause)
            self.pending[partition] = Pending(f"{process} of {partition} {how}", due)
            log(f"{partition}: {process} {how}; bang" + (f" in {due - now:.0f} s" if due > now else ""))

    def must_bang(self, partition):
        try:
            with Partition(os.path.join(self.settings.instance_root, partition)) as files:
                deployed = files.read(TIMESTAMP) or NEVER_DEPLOYED
                _, banged, _ = self.sent.get(partition, (0, None, 0))
                return deployed != banged and files.must_bang()
        except OSError as error:
            log(f"{partition}: {error}")
            return False

    def pause(self):
        """Seconds until something is to be done."""
        now = self.clock()
        if any(bang.child for bang in self.pending.values()):
            return 0.2
        return min((max(0.0, bang.due - now) for bang in self.pending.values()), default=3600.0)

    def work(self):
        """Sends what is due and takes note of what was sent."""
        now = self.clock()
        for partition, bang in list(self.pending.items()):
            if bang.child:
                self.reap(partition, bang)
            elif bang.due <= now and sum(1 for other in self.pending.values() if other.child) < AT_ONCE:
                if self.must_bang(partition):
                    self.start(partition, bang)
                else:
                    del self.pending[partition]

    def start(self, partition, bang):
        with Partition(os.path.join(self.settings.instance_root, partition)) as files:
            bang.timestamp = files.read(TIMESTAMP) or NEVER_DEPLOYED
        bang.child = os.fork()
        if bang.child == 0:
            status = AGAIN
            try:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                os.dup2(2, 1)  # standard output speaks to supervisord
                status = send(self.settings, partition, bang.message)
            except Exception as error:  # noqa: BLE001  whatever it is, it is said and tried again
                log(f"{partition}: the bang could not be sent: {error}")
            finally:
                os._exit(status)

    def reap(self, partition, bang):
        pid, status = os.waitpid(bang.child, os.WNOHANG)
        if pid == 0:
            return
        bang.child = None
        outcome = os.waitstatus_to_exitcode(status)
        now = self.clock()
        if outcome == AGAIN or outcome < 0:
            bang.due = now + bang.retry
            bang.retry = min(2 * bang.retry, LONGEST_RETRY)
            return
        del self.pending[partition]
        last, _, pause = self.sent.get(partition, (0, None, 0))
        pause = FIRST_PAUSE if not pause or now - last > FORGOTTEN_AFTER else min(2 * pause, LONGEST_PAUSE)
        self.sent[partition] = (now, bang.timestamp, pause)
        try:
            with Partition(os.path.join(self.settings.instance_root, partition)) as files:
                files.note_bang(bang.timestamp)
        except OSError as error:
            log(f"{partition}: the bang cannot be noted in {BANG_FILE}: {error}")


def send(settings, partition, message):
    """One bang, in a process of its own; how it went."""
    import ssl
    import urllib.error
    import urllib.parse
    import urllib.request

    handlers = [urllib.request.ProxyHandler({})]
    if settings.master_url.startswith("https:"):
        context = ssl.create_default_context(cafile=settings.master_ca_file or None)
        if settings.certificate_repository_path:
            certificate = os.path.join(settings.certificate_repository_path, partition)
            context.load_cert_chain(certificate + ".crt", certificate + ".key")
        handlers.append(urllib.request.HTTPSHandler(context=context))
    form = urllib.parse.urlencode({"computer_id": settings.computer_id, "computer_partition_id": partition,
                                   "message": message}).encode()
    try:
        urllib.request.build_opener(*handlers).open(
            settings.master_url.rstrip("/") + "/softwareInstanceBang", form, timeout=HTTP_SECONDS).read(MAX_BYTES)
    except urllib.error.HTTPError as error:
        log(f"{partition}: the Master answered {error.code} to the bang")
        return REFUSED if 400 <= error.code < 500 and error.code not in (408, 429) else AGAIN
    log(f"{partition}: the Master was told that {message}")
    return SENT


def listen(watchdog, source, answer):
    """Reads events until supervisord ends; `source` is a file descriptor, `answer` writes to supervisord."""
    buffer = b""
    answer(b"READY\n")
    while True:
        watchdog.work()
        if select.select([source], [], [], watchdog.pause())[0]:
            more = os.read(source, 65536)
            if not more:
                return
            buffer += more
        while b"\n" in buffer:
            line, rest = buffer.split(b"\n", 1)
            header = words(line.decode("utf-8", "replace"))
            length = int(header.get("len", 0))
            if len(rest) < length:
                break
            buffer = rest[length:]
            watchdog.event(header.get("eventname", ""), words(rest[:length].decode("utf-8", "replace")))
            answer(b"RESULT 2\nOKREADY\n")


def main(arguments):
    parser = argparse.ArgumentParser(prog="slap-watchdog", description="supervisord's listener for services that end")
    parser.add_argument("--master-url", required=True)
    parser.add_argument("--master-ca-file", default="")
    parser.add_argument("--certificate-repository-path", default="")
    parser.add_argument("--computer-id", required=True)
    parser.add_argument("--instance-root", "--instance-root-path", dest="instance_root", required=True)
    listen(Watchdog(parser.parse_args(arguments)), 0, lambda text: os.write(1, text))
