"""Recipes that bring software: `download` and `cmmi`."""
import contextlib
import fcntl
import hashlib
import io
import json
import os
import shlex
import shutil
import subprocess
import tarfile

from zc.buildout import UserError

from slapkit.fetch import basename, fetch, split
from slapkit.files import environment_of, lines, mode_of, write

ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")


class Download:
    """Fetches one file.

    url      URL#sha256
    output   its path; default: the URL's file name in the part's folder
    mode     octal; default 0666 as the umask leaves it
    path     (given) its path
    """

    def __init__(self, buildout, name, options):
        self.buildout, self.name, self.options = buildout, name, options
        url, _ = split(name, options["url"])
        default = os.path.join(buildout["buildout"]["parts-directory"], name, basename(name, url))
        self.path = options["path"] = options.get("output", default)
        self.mode = mode_of(name, options, 0o666)

    def install(self):
        write(self.path, fetch(self.name, self.options["url"], self.path, self.buildout.offline), self.mode)
        return [self.path]

    update = install


class SharedPart:
    """A part that releases share, in `<folder>/<name>/<hash>`; complete when it says in a file what it is made from."""

    MADE_FROM = ("sources", "patches", "configure", "make-options", "environment")
    SIGNATURE = ".buildout-shared.json"

    def __init__(self, location, made_from):
        self.location, self.made_from = location, made_from

    @classmethod
    def of(cls, buildout, name, options):
        """None when there is no folder for such parts."""
        folders = lines(buildout["buildout"], "shared-part-list")
        made_from = json.dumps({key: options.get(key, "") for key in cls.MADE_FROM}, sort_keys=True, indent=1)
        digest = hashlib.sha256(made_from.encode()).hexdigest()[:32]
        parts = [cls(os.path.join(folder, name, digest), made_from) for folder in folders]
        return next((part for part in parts if part.is_complete()), parts[-1] if parts else None)

    def is_complete(self):
        return os.path.exists(os.path.join(self.location, self.SIGNATURE))

    def complete(self):
        write(os.path.join(self.location, self.SIGNATURE), self.made_from.encode(), 0o644)

    @contextlib.contextmanager
    def alone(self):
        """No other build makes this part meanwhile."""
        if self.is_complete():
            yield  # perhaps where nothing may be written
            return
        os.makedirs(os.path.dirname(self.location), exist_ok=True)
        with open(self.location + ".lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


class Cmmi:
    """Builds from source: fetch, patch, configure, make, make install. @@LOCATION@@ in an option is the location.

    sources        URL#sha256, one a line: single files, at most one of them a tar archive, whose only top folder is left
                   out. They all lie in the folder in which the build runs
    patches        URL#sha256, one a line, applied in this order with `patch -p1`
    configure      a command, one line; none: no such step
    make-options   of both make and make install; default PREFIX=@@LOCATION@@
    environment    lines of NAME=value
    location       default: the part's folder
    shared         true: built once for all releases that want the same, in the last folder of shared-part-list, below the
                   part's name and a hash of all that it is made from; the other folders are looked in first. Without
                   such a list it is a part like others. Not together with `location`
    """

    def __init__(self, buildout, name, options):
        self.buildout, self.name, self.options = buildout, name, options
        default = os.path.join(buildout["buildout"]["parts-directory"], name)
        self.sources, self.patches = lines(options, "sources"), lines(options, "patches")
        self.shared = options.get("shared", "false") == "true" and SharedPart.of(buildout, name, options)
        if self.shared and "location" in options:
            raise UserError(f"{name}: a shared part has a location of its own: leave out `location` or `shared`.")
        self.location = options["location"] = (
            self.shared.location if self.shared else options.get("location", default))
        if not self.sources:
            raise UserError(f"{name}: sources is empty: write URL#sha256, one a line.")
        for reference in self.sources + self.patches:
            split(name, reference)
        if sum(self.is_archive(reference) for reference in self.sources) > 1:
            raise UserError(f"{name}: sources names more than one archive: make a part for each.")
        self.environment = {**os.environ,
                            **{key: self.located(value) for key, value in environment_of(name, options).items()}}

    def is_archive(self, reference):
        return basename(self.name, split(self.name, reference)[0]).endswith(ARCHIVES)

    def located(self, text):
        return text.replace("@@LOCATION@@", self.location)

    def install(self):
        if not self.shared:
            return self.build()
        with self.shared.alone():
            if not self.shared.is_complete():
                self.build()
                self.shared.complete()
        return []  # it is not this release's to remove

    def build(self):
        # One name for all runs: what a killed run left is removed by the next.
        work = os.path.join(self.buildout["buildout"]["directory"], f".build-{self.name}")
        shutil.rmtree(work, ignore_errors=True)
        os.mkdir(work)
        try:
            self.unpack(work)
            self.apply(work)
            shutil.rmtree(self.location, ignore_errors=True)
            os.makedirs(self.location)
            make_options = shlex.split(self.located(self.options.get("make-options", "PREFIX=@@LOCATION@@")))
            if self.options.get("configure", "").strip():
                self.run(shlex.split(self.located(self.options["configure"])), work)
            self.run(["make", f"-j{os.cpu_count() or 1}", *make_options], work)
            self.run(["make", "install", *make_options], work)
        except BaseException:
            shutil.rmtree(self.location, ignore_errors=True)
            raise
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return [self.location]

    def update(self):
        if self.shared:
            return self.install()
        return [self.location] if os.path.isdir(self.location) else self.install()

    def unpack(self, work):
        # The archive first: a single file may replace one of its files.
        for reference in sorted(self.sources, key=self.is_archive, reverse=True):
            content = fetch(self.name, reference, offline=self.buildout.offline)
            name = basename(self.name, split(self.name, reference)[0])
            if self.is_archive(reference):
                self.extract(name, content, work)
            else:
                with open(os.path.join(work, name), "wb") as file:
                    file.write(content)

    def extract(self, name, content, work):
        try:
            with tarfile.open(fileobj=io.BytesIO(content)) as archive:
                safely = {"filter": "tar"} if hasattr(tarfile, "tar_filter") else {}
                archive.extractall(work, **safely)
        except (tarfile.TarError, OSError, EOFError) as error:
            raise UserError(f"{self.name}: {name} cannot be unpacked: {error}.") from None
        top = os.listdir(work)
        if len(top) == 1 and os.path.isdir(os.path.join(work, top[0])):
            folder = os.path.join(work, ".unpacked")
            os.rename(os.path.join(work, top[0]), folder)
            for entry in os.listdir(folder):
                os.rename(os.path.join(folder, entry), os.path.join(work, entry))
            os.rmdir(folder)

    def apply(self, work):
        for number, reference in enumerate(self.patches):
            patch = os.path.join(work, f".patch-{number}")
            with open(patch, "wb") as file:
                file.write(fetch(self.name, reference, offline=self.buildout.offline))
            self.run(["patch", "-p1", "--batch", "--forward", "-i", patch], work, split(self.name, reference)[0])
            os.remove(patch)

    def run(self, command, work, about=""):
        said = f"`{' '.join(command)}`" + (f" for {about}" if about else "")
        try:
            done = subprocess.run(command, cwd=work, env=self.environment, stdin=subprocess.DEVNULL,
                                  stderr=subprocess.STDOUT)
        except OSError as error:
            raise UserError(f"{self.name}: {said} cannot be executed: {error.strerror}.") from None
        if done.returncode:
            raise UserError(f"{self.name}: {said} ended with status {done.returncode}; its output stands above.")
