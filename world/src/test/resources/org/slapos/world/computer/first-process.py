# The first process of a test computer, started in mount, network, process, IPC and host-name namespaces of its own:
#     first-process.py CHECKOUT JDK
# It makes the machine private, says "ready", then reaps orphans until its standard input ends. The kernel then kills
# every process of the computer, and mounts, interfaces and addresses vanish with their namespaces.
import os
import select
import signal
import stat
import subprocess
import sys

HOME = "/mnt/computer"


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        sys.exit("test computer: %s: %s" % (" ".join(command), (done.stdout + done.stderr).strip()))


def overlay(folder):
    upper, work = (HOME + "/" + part + folder.replace("/", "-") for part in ("upper", "work"))
    os.mkdir(upper)
    os.mkdir(work)
    run("mount", "-t", "overlay", "overlay", "-o", "lowerdir=%s,upperdir=%s,workdir=%s" % (folder, upper, work), folder)


def tmpfs(folder, mode):
    run("mount", "-t", "tmpfs", "-o", "mode=" + mode, "tmpfs", folder)


def own_device(path):
    # The same device by a name of its own: who may use it here says nothing of the machine.
    if os.path.exists(path):
        own = HOME + path.replace("/", "-")
        os.mknod(own, 0o600 | stat.S_IFCHR, os.stat(path).st_rdev)
        run("mount", "--bind", own, path)


def make_private(checkout, jdk):
    run("mount", "--make-rprivate", "/")
    # What the test needs of the machine is bound first: it may lie in a folder that is about to be covered. The
    # machine's own files are read-only from here.
    tmpfs("/mnt", "0755")
    os.mkdir(HOME)
    for name, folder in (("checkout", checkout), ("jdk", jdk)):
        os.mkdir("/mnt/" + name)
        run("mount", "--bind", folder, "/mnt/" + name)
        run("mount", "-o", "remount,bind,ro", "/mnt/" + name)
    run("mount", "-o", "remount,bind,ro", "/")
    overlay("/etc")
    overlay("/var")
    for folder in ("/srv", "/opt", "/run"):
        tmpfs(folder, "0755")
    for folder in ("/tmp", "/dev/shm"):
        tmpfs(folder, "1777")
    os.mkdir("/run/lock")
    for device in ("/dev/net/tun", "/dev/kvm"):
        own_device(device)
    run("ip", "link", "set", "lo", "up")
    run("hostname", "test-computer")


def reap():
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return


def wait_for_the_end():
    # A child's end wakes select through the pipe; without it the loop would have to look again and again.
    awake, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    print("ready", flush=True)
    while True:
        readable, _, _ = select.select([0, awake], [], [])
        if awake in readable:
            os.read(awake, 4096)
            reap()
        if 0 in readable and not os.read(0, 4096):
            return


make_private(sys.argv[1], sys.argv[2])
wait_for_the_end()
