"""supervisord with what a node of 500 partitions needs of it. Its code is used as it is; added here are:

- RPC methods of one group each: `slapos.apply` takes a partition's file as it is now and touches only the programs that
  differ, `slapos.wait` answers when what was to stop has ended. supervisord's own way reads every file at every change.
- A main loop that looks at what happened and, once a second, at all; supervisord's own looks at every process and every
  pipe at every event, so that its cost grows with the square of the partitions.
- Starting a child: signals that come between fork and exec are not lost; only open files are closed; what `slap-run`
  does is done without starting a program for it.

supervisorctl and the other RPC methods work as ever.
"""
import os
import shlex
import signal
import socket
import time

from supervisor import events, options, process, supervisord
from supervisor.http import NOT_DONE_YET
from supervisor.states import STOPPED_STATES, ProcessStates, SupervisorStates
from supervisor.xmlrpc import Faults, RPCError

from slapnode import confine

SLAP_RUN = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), "bin", "slap-run")
SECOND = 1.0
WHILE_SOMEBODY_WAITS = 0.05


class Program(options.ProcessConfig):
    """A program of a partition. `content` says what stands in its file: another content is another program."""
    optional_param_names = options.ProcessConfig.optional_param_names + ["content"]

    def make_process(self, group=None):
        made = PartitionProcess(self)
        made.group = group
        return made


class PartitionConfig(options.ProcessGroupConfig):
    def make_group(self):
        return Partition(self)


class NodeOptions(options.ServerOptions):
    loop = None

    def _processes_from_section(self, parser, section, group_name, klass=None):
        if klass is options.ProcessConfig or klass is None:
            klass = Program
        programs = super()._processes_from_section(parser, section, group_name, klass)
        if klass is Program:
            for program in programs:
                program.content = parser.saneget(section, "content", "", do_expand=False)
        return programs

    def process_groups_from_parser(self, parser):
        return [PartitionConfig(self, group.name, group.priority, group.process_configs)
                if type(group) is options.ProcessGroupConfig else group
                for group in super().process_groups_from_parser(parser)]

    def group_from_file(self, file, name):
        """The group that a file holds; None when there is no file."""
        parser = options.UnhosedConfigParser()
        parser.expansions = self.environ_expansions
        try:
            with open(file) as text:
                parser.read_file(text)
        except FileNotFoundError:
            return None
        groups = self.process_groups_from_parser(parser)
        if [group.name for group in groups] != [name]:
            raise ValueError(f"{file} has to hold the group {name} and nothing else")
        return groups[0]

    def fork(self):
        """A signal that comes before the child has its own handling ends it, instead of being noted by ours in it."""
        every = signal.valid_signals()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, every)
        pid = 0
        try:
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                confine.default_signals()
            return pid
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def execve(self, filename, argv, env):
        if filename == SLAP_RUN:
            try:
                confine.execute(argv[1:], env)
            except confine.Refused as refused:
                os.write(2, f"slap-run: {refused}\n".encode())
                os._exit(126)
        os.execve(filename, argv, env)


class PartitionProcess(process.Subprocess):
    """A process of a partition. One that leaves is stopped and then forgotten, its successor started in its place."""
    leaves = False
    successor = None

    def leave(self, successor):
        self.leaves = True
        self.successor = successor
        if self.get_state() in (ProcessStates.RUNNING, ProcessStates.STARTING, ProcessStates.BACKOFF):
            self.stop()

    def is_gone(self):
        return self.leaves and self.get_state() in STOPPED_STATES

    def spawn(self):
        pid = super().spawn()
        self.config.options.loop.watch(self)
        return pid

    def _spawn_as_parent(self, pid):
        try:
            os.setpgid(pid, pid)  # the child does so too; whoever is first: a signal to the group finds it
        except OSError:
            pass
        return super()._spawn_as_parent(pid)

    def _prepare_child_fds(self):
        own = self.config.options
        own.dup2(self.pipes["child_stdin"], 0)
        own.dup2(self.pipes["child_stdout"], 1)
        own.dup2(self.pipes["child_stdout" if self.config.redirect_stderr else "child_stderr"], 2)
        os.closerange(3, 1 << 30)

    def finish(self, pid, sts):
        loop = self.config.options.loop
        loop.forget(self)
        super().finish(pid, sts)
        loop.wake(self.group)


class Partition(process.ProcessGroup):
    """The group of a partition; it changes program by program."""
    ends = False

    def become(self, config):
        self.ends = False
        wanted = {program.name: program for program in config.process_configs}
        for name, present in self.processes.items():
            program = wanted.pop(name, None)
            if present.leaves or present.config != program:
                present.leave(program)
            elif program is not None:
                present.config = program
        config.after_setuid()
        for name, program in wanted.items():
            self.processes[name] = program.make_process(self)
        self.config = config
        self.settle()
        for present in self.processes.values():
            if not present.leaves and present.get_state() in STOPPED_STATES:
                present.spawn()

    def end(self):
        self.ends = True
        for present in self.processes.values():
            present.leave(None)
        self.settle()

    def settle(self):
        for name, present in list(self.processes.items()):
            if present.is_gone():
                del self.processes[name]
                if present.successor is not None:
                    self.processes[name] = present.successor.make_process(self)
                    self.processes[name].spawn()

    def transition(self):
        self.settle()
        for present in self.processes.values():
            present.transition()
        if self.ends and not self.processes:
            self.config.options.loop.remove(self)

    def leaving(self):
        return [present for present in self.processes.values() if present.leaves]

    def cgroup(self):
        for program in self.config.process_configs:
            words = shlex.split(program.command)
            if "--cgroup" in words:
                return words[words.index("--cgroup") + 1]
        return ""


class Loop(supervisord.Supervisor):
    """The main loop. `outputs` are the pipes of partitions' processes, registered while they are open."""

    def __init__(self, own_options):
        super().__init__(own_options)
        own_options.loop = self
        self.outputs = {}
        self.woken = set()

    def watch(self, present):
        for descriptor, dispatcher in present.dispatchers.items():
            self.outputs[descriptor] = dispatcher
            if dispatcher.readable():
                self.options.poller.register_readable(descriptor)
        self.wake(present.group)

    def forget(self, present):
        poller = self.options.poller
        for descriptor in present.dispatchers:
            self.outputs.pop(descriptor, None)
            if descriptor in poller.readables:
                poller.unregister_readable(descriptor)
            if descriptor in poller.writables:
                poller.unregister_writable(descriptor)

    def wake(self, group):
        self.woken.add(group.config.name)

    def remove(self, group):
        self.process_groups.pop(group.config.name, None)
        confine.remove_cgroup(group.cgroup())
        events.notify(events.ProcessGroupRemovedEvent(group.config.name))

    def runforever(self):
        events.notify(events.SupervisorRunningEvent())
        waker, sleeper = socket.socketpair()
        for end in (waker, sleeper):
            end.setblocking(False)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        self.options.poller.register_readable(sleeper.fileno())
        sockets = self.options.get_socket_map()
        look_at_all = 0.0
        try:
            while True:
                everything = time.monotonic() >= look_at_all
                if everything:
                    look_at_all = time.monotonic() + SECOND
                if self.options.mood < SupervisorStates.RUNNING:
                    everything = True
                    self.shut_down()
                self.once(sockets, sleeper, everything)
                if self.options.mood < SupervisorStates.RUNNING:
                    self.ordered_stop_groups_phase_2()
        finally:
            signal.set_wakeup_fd(-1)
            for group in self.process_groups.values():
                if isinstance(group, Partition):
                    confine.remove_cgroup(group.cgroup())

    def shut_down(self):
        if not self.stopping:
            self.stopping = True
            self.stop_groups = sorted(self.process_groups.values())
            for group in self.stop_groups:
                group.stop_all()  # all at once: none waits for another
            events.notify(events.SupervisorStoppingEvent())
        self.ordered_stop_groups_phase_1()
        if not self.shutdown_report():
            raise supervisord.asyncore.ExitNow

    def once(self, sockets, sleeper, everything):
        poller = self.options.poller
        others = dict(sockets)
        pools = [group for group in self.process_groups.values() if not isinstance(group, Partition)]
        for pool in pools:
            others.update(pool.get_dispatchers())
        for descriptor, dispatcher in others.items():
            if dispatcher.readable():
                poller.register_readable(descriptor)
            if dispatcher.writable():
                poller.register_writable(descriptor)
        if everything:
            for descriptor, dispatcher in self.outputs.items():
                if dispatcher.writable():
                    poller.register_writable(descriptor)
        waited_for = any(getattr(channel, "delay", False) for channel in sockets.values())
        pause = WHILE_SOMEBODY_WAITS if waited_for or self.stopping else SECOND
        readable, writable = poller.poll(0 if self.woken else pause)
        for descriptor in readable:
            if descriptor == sleeper.fileno():
                self.drain(sleeper)
            else:
                self.happened(others.get(descriptor) or self.outputs.get(descriptor), descriptor, True)
        for descriptor in writable:
            self.happened(others.get(descriptor) or self.outputs.get(descriptor), descriptor, False)
        self.reap()
        woken, self.woken = self.woken, set()
        groups = list(self.process_groups.values()) if everything else \
            pools + [self.process_groups[name] for name in woken if name in self.process_groups]
        for group in groups:
            group.transition()
        self.handle_signal()
        self.tick()

    @staticmethod
    def drain(sleeper):
        try:
            sleeper.recv(4096)
        except BlockingIOError:
            pass

    def happened(self, dispatcher, descriptor, readable):
        poller = self.options.poller
        if dispatcher is None:  # closed meanwhile
            (poller.unregister_readable if readable else poller.unregister_writable)(descriptor)
            return
        try:
            if readable:
                dispatcher.handle_read_event()
                if not dispatcher.readable():
                    poller.unregister_readable(descriptor)
            else:
                dispatcher.handle_write_event()
                if not dispatcher.writable():
                    poller.unregister_writable(descriptor)
        except supervisord.asyncore.ExitNow:
            raise
        except Exception:
            dispatcher.handle_error()


class Rpc:
    """The methods `slapos.*`."""

    def __init__(self, supervisor, folder):
        self.supervisor = supervisor
        self.folder = folder

    def apply(self, name):
        """Takes the group as its file has it now, and starts what does not run; without a file, stops it all.

        @param string name   The group, a partition's id
        @return int          How many processes are to stop and still run
        """
        supervisor = self.supervisor
        if supervisor.options.mood < SupervisorStates.RUNNING:
            raise RPCError(Faults.SHUTDOWN_STATE)
        if "/" in name or name.startswith("."):
            raise RPCError(Faults.BAD_NAME, name)
        try:
            config = supervisor.options.group_from_file(os.path.join(self.folder, name + ".conf"), name)
        except ValueError as wrong:
            raise RPCError(Faults.CANT_REREAD, str(wrong)) from None
        group = supervisor.process_groups.get(name)
        if group is None and config is not None:
            supervisor.add_process_group(config)
            group = supervisor.process_groups[name]
        if group is None:
            return 0
        if not isinstance(group, Partition):
            raise RPCError(Faults.BAD_NAME, name + " is no partition's group")
        if config is None:
            group.end()
        else:
            group.become(config)
        supervisor.wake(group)
        return len(group.leaving())

    def wait(self, name):
        """Answers when nothing of the group is to stop any more.

        @param string name   The group
        @return boolean      Always true
        """
        def ended():
            group = self.supervisor.process_groups.get(name)
            if group is not None and (group.ends or group.leaving()):
                return NOT_DONE_YET
            return True
        ended.delay = WHILE_SOMEBODY_WAITS
        ended.rpcinterface = self
        return ended


def rpc(supervisor, folder):
    """The factory that supervisord's configuration names."""
    return Rpc(supervisor, folder)


def main():
    supervisord.ServerOptions = NodeOptions
    supervisord.Supervisor = Loop
    supervisord.main()
