"""How a process of a partition is bound to it: cgroup, view of the file system, no-new-privs, capabilities, user.

Used by `slap-run` and, without starting a program for it, by supervisord's children and by those that run promises.
"""
import ctypes
import os
import signal
import stat

PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 24, 38, 47, 4
CAPABILITY_VERSION_3 = 0x20080522
CLONE_NEWNS = 0x00020000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_SLAVE = 32, 4096, 16384, 1 << 19
CGROUPS = "/sys/fs/cgroup"
LARGEST_ID = 2**32 - 2
OPTIONS = ["--uid", "--gid", "--groups", "--cgroup", "--cpu-weight", "--memory-max", "--process-max",
           "--root", "--keep", "--tmp"]
USAGE = "usage: slap-run --uid U --gid G [OPTIONS, see the file] -- COMMAND ARGUMENTS"

libc = ctypes.CDLL(None, use_errno=True)


class Refused(Exception):
    """What is wrong, in one sentence."""


class Bonds:
    """Who a process becomes and what it sees; the words of `slap-run`."""

    def __init__(self, words):
        given = dict(zip(words[::2], words[1::2]))
        if len(given) * 2 != len(words) or not {"--uid", "--gid"} <= given.keys() <= set(OPTIONS):
            raise Refused(USAGE)
        self.uid = identifier("--uid", given["--uid"])
        self.gid = identifier("--gid", given["--gid"])
        self.groups = [identifier("--groups", group) for group in given.get("--groups", "").split(",") if group]
        self.cgroup = given.get("--cgroup", "")
        self.limits = {name: given["--" + name] for name in ("cpu-weight", "memory-max", "process-max")
                       if "--" + name in given}
        self.root = given.get("--root", "")
        self.keep = [path for path in given.get("--keep", "").split(",") if path]
        self.tmp = given.get("--tmp", "")
        if not all(value.isascii() and value.isdigit() for value in self.limits.values()) \
                or ".." in self.cgroup.split("/") or self.cgroup.startswith("/"):
            raise Refused(USAGE)

    def bind(self):
        """This process is the partition's from here on, or Refused. To be called by root, once."""
        if os.geteuid():
            raise Refused("it must be started by root, to become the partition's user.")
        join_cgroup(self.cgroup, self.limits)
        try:
            if self.root:
                enter_view(self.root, self.keep, self.tmp)
        except OSError as error:
            raise Refused(f"the partition's view cannot be made: {error}.") from None
        try:
            drop_capabilities_to_come()
            become(self.uid, self.gid, self.groups)
        except OSError as error:
            raise Refused(f"user {self.uid}, group {self.gid} cannot be taken: {error.strerror}.") from None
        if not is_bound(self.uid, self.gid, self.groups):
            raise Refused(f"root's rights could not be given up for user {self.uid}: the command is not executed.")


def identifier(option, text):
    if not (text.isascii() and text.isdigit()) or not 0 < int(text) <= LARGEST_ID:
        raise Refused(f"{option} {text!r} is refused: a number from 1 to {LARGEST_ID} is needed, never root's.")
    return int(text)


# --- cgroup -----------------------------------------------------------------------------------------------------------

# What is limited: the controller of version 1 with its file, and the file of version 2.
LIMITS = {
    "cpu-weight": (("cpu", "cpu.shares", lambda weight: max(2, weight * 1024 // 100)), "cpu.weight"),
    "memory-max": (("memory", "memory.limit_in_bytes", lambda size: size), "memory.max"),
    "process-max": (("pids", "pids.max", lambda count: count), "pids.max"),
}


def join_cgroup(path, limits):
    """Joins the partition's cgroup in each hierarchy that can be written to; where there is none, does without."""
    if not path:
        return
    if os.path.exists(f"{CGROUPS}/cgroup.controllers"):
        join(CGROUPS, path, {LIMITS[name][1]: value for name, value in limits.items()},
             "+cpu +memory +pids")
        return
    for controller in {LIMITS[name][0][0] for name in LIMITS}:
        wanted = {LIMITS[name][0][1]: str(LIMITS[name][0][2](int(value)))
                  for name, value in limits.items() if LIMITS[name][0][0] == controller}
        join(f"{CGROUPS}/{controller}", path, wanted, "")


def join(hierarchy, path, limits, controllers):
    folder = os.path.join(hierarchy, path)
    try:
        if not os.path.isdir(folder):
            if not os.path.isdir(hierarchy):
                return
            make_folders(folder)
            for parent in (hierarchy, os.path.dirname(folder)):
                for controller in controllers.split():
                    write_if_possible(f"{parent}/cgroup.subtree_control", controller)
            for name, value in limits.items():
                write_if_possible(f"{folder}/{name}", value)
        with open(f"{folder}/cgroup.procs", "w") as processes:
            processes.write("0")
    except OSError:
        pass  # not ours to write: the machine decides


def make_folders(folder):
    """The last group of a node that goes takes its parent along: it may do so between the two steps."""
    try:
        os.makedirs(folder, 0o755, exist_ok=True)
    except FileNotFoundError:
        os.makedirs(folder, 0o755, exist_ok=True)


def remove_cgroup(path):
    """Takes the partition's cgroup away, if it is there and nobody is left in it."""
    if not path:
        return
    unified = os.path.exists(f"{CGROUPS}/cgroup.controllers")
    for hierarchy in [CGROUPS] if unified else [f"{CGROUPS}/{LIMITS[name][0][0]}" for name in LIMITS]:
        for folder in (path, os.path.dirname(path)):
            try:
                os.rmdir(os.path.join(hierarchy, folder))
            except OSError:
                break


def write_if_possible(path, value):
    try:
        with open(path, "w") as file:
            file.write(value)
    except OSError:
        pass


# --- view of the file system ------------------------------------------------------------------------------------------

def enter_view(root, keep, tmp):
    """In a mount namespace of its own nothing is left of `root` but the directories `keep` below it, and `tmp` (made by
    the node) is /tmp. Where the machine forbids namespaces the process sees what permissions let it see."""
    if libc.unshare(CLONE_NEWNS):
        return
    mount("none", "/", None, MS_REC | MS_SLAVE)
    here = os.open(".", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    kept = {}
    for path in keep:
        if not path.startswith(root + "/"):
            raise Refused(f"{path} is not below {root}.")
        try:
            kept[path] = os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            pass
    temporary = os.open(tmp, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC) if tmp else None
    mount("none", root, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0755,size=64k")
    for path, descriptor in kept.items():
        os.makedirs(path, 0o755)
        mount(f"/proc/self/fd/{descriptor}", path, None, MS_BIND | MS_REC)
        os.close(descriptor)
    mount("none", root, None, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)
    if temporary is not None:
        mount(f"/proc/self/fd/{temporary}", "/tmp", None, MS_BIND)
        os.close(temporary)
    again = os.readlink(f"/proc/self/fd/{here}")
    os.close(here)
    os.chdir(again if os.path.isdir(again) else "/")  # the same directory, as it is seen now


def mount(source, target, kind, flags, data=None):
    encoded = [text.encode() if text is not None else None for text in (source, target, kind, data)]
    if libc.mount(encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), encoded[3]):
        raise Refused(f"the partition's view of {target} cannot be made: {os.strerror(ctypes.get_errno())}.")


# --- privileges -------------------------------------------------------------------------------------------------------

def prctl(*values):
    if libc.prctl(*(ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:5])):
        return ctypes.get_errno()
    return 0


def drop_capabilities_to_come():
    """Bounding and ambient sets: while still root, since only root may."""
    error = prctl(PR_SET_NO_NEW_PRIVS, 1)
    if error:
        raise Refused(f"no-new-privs cannot be set: {os.strerror(error)}.")
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    for capability in range(64):
        if prctl(PR_CAPBSET_DROP, capability):
            return


def become(uid, gid, groups):
    os.setgroups(groups)
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    if libc.capset(header, (ctypes.c_uint32 * 6)()):
        raise Refused(f"capabilities cannot be given up: {os.strerror(ctypes.get_errno())}.")


def is_bound(uid, gid, groups):
    """Whether this process is exactly who it should be, with nothing left to come back with."""
    for back in (lambda: os.setresuid(0, 0, 0), lambda: os.setresgid(0, 0, 0), lambda: os.setgroups([0])):
        try:
            back()
            return False
        except PermissionError:
            pass
    with open("/proc/self/status") as status:
        held = dict(line.split(":", 1) for line in status)
    none_left = all(int(held[name], 16) == 0 for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"))
    return (none_left and held["NoNewPrivs"].strip() == "1" and os.getresuid() == (uid,) * 3
            and os.getresgid() == (gid,) * 3 and sorted(set(os.getgroups())) == sorted(set(groups)))


def default_signals():
    """Python ignores two signals, nohup another; supervisord catches some. What is executed starts with the defaults."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        if signal.getsignal(number) != signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)


def is_trusted(path):
    """Whether nobody but root can change what this path leads to: root may execute it."""
    path = os.path.realpath(path)
    while True:
        facts = os.lstat(path)
        writable = facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not facts.st_mode & stat.S_ISVTX
        if facts.st_uid or writable:
            return False
        if path == "/":
            return True
        path = os.path.dirname(path)


def execute(words, environment):
    """Does what the words of `slap-run` say; returns only by raising."""
    if "--" not in words:
        raise Refused(USAGE)
    end = words.index("--")
    command = words[end + 1:]
    if not command or not command[0].startswith("/"):
        raise Refused(USAGE)
    Bonds(words[:end]).bind()
    default_signals()
    try:
        os.execve(command[0], command, environment)
    except OSError as error:
        raise Refused(f"{command[0]} cannot be executed: {error.strerror}.") from None
