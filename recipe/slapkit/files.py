"""Recipes that write folders and files: `directory`, `template`, `wrapper`."""
import hashlib
import html
import os
import re
import shlex
import tempfile

from zc.buildout import UserError

from slapkit.fetch import fetch, locate

REFERENCE = re.compile(r"(\$?)\$\{(?:([-\w .]+):([-\w .]+)\})?")
ESCAPES = {"none": str, "html": html.escape}


def lines(options, name):
    """The lines of an option, without blank ones."""
    return [line.strip() for line in options.get(name, "").splitlines() if line.strip()]


def write(path, content, mode):
    """Makes the file hold these bytes with this mode, or touches nothing when it does."""
    try:
        with open(path, "rb") as file:
            if file.read() == content and os.fstat(file.fileno()).st_mode & 0o7777 == mode:
                return
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), mode)
        os.rename(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def mode_of(name, options, default):
    """The option `mode` in octal, or the default as the umask leaves it."""
    if "mode" not in options:
        umask = os.umask(0)
        os.umask(umask)
        return default & ~umask
    if not re.fullmatch("0?[0-7]{3,4}", options["mode"]):
        raise UserError(f"{name}: mode = {options['mode']} is no octal mode: write for example 0640.")
    return int(options["mode"], 8)


def environment_of(name, options):
    """The option `environment`, lines of NAME=value, as a dict."""
    found = {}
    for line in lines(options, "environment"):
        variable, equals, value = line.partition("=")
        if not equals or not re.fullmatch(r"[A-Za-z_]\w*", variable.strip(), re.ASCII):
            raise UserError(f"{name}: environment line {line!r} is not NAME=value.")
        found[variable.strip()] = value.strip()
    return found


class Directory:
    """Makes folders. Each option but `recipe` and `mode` (octal, default 0750) is the path of one."""

    def __init__(self, buildout, name, options):
        self.mode = mode_of(name, options, 0o750) if "mode" in options else 0o750
        self.paths = [options[key] for key in options if key not in ("recipe", "mode") and not key.startswith("_")]
        # Made at once: other parts may look at them before this part's turn to be installed comes.
        self.install()

    def install(self):
        for path in self.paths:
            if not os.path.isdir(path):
                os.makedirs(path, exist_ok=True)
                os.chmod(path, self.mode)
        return []

    update = install


class Template:
    """Writes a file from a text.

    output   path of the file
    inline   the text, in which Buildout itself has replaced the references; or
    url      the text's path, or URL#sha256. In it ${section:option} is replaced, $${ stands for ${
    escape   html: what replaces a reference in the text of `url` is escaped for HTML
    mode     octal; default 0666 as the umask leaves it
    digest   (given) SHA-256 of what is written, for parts that depend on it
    """

    def __init__(self, buildout, name, options):
        self.buildout, self.name, self.options = buildout, name, options
        if ("inline" in options) == ("url" in options):
            raise UserError(f"{name}: a template takes either inline or url.")
        self.kept = None
        if "inline" in options:
            text = options["inline"].lstrip("\n") + "\n"
        else:
            text = self.render(self.source())
        self.content = text.encode()
        self.mode = mode_of(name, options, 0o666)
        options["digest"] = hashlib.sha256(self.content).hexdigest()

    def source(self):
        """The text of `url`. A remote one is fetched once and kept in the part's folder, known by its hash."""
        url = self.options["url"]
        if "#" not in url:
            path = locate(url)
            if path is None:
                raise UserError(f"{self.name}: {url} carries no SHA-256: write it as URL#sha256.")
            try:
                with open(path, "rb") as file:
                    return self.decoded(file.read())
            except OSError as error:
                raise UserError(f"{self.name}: the template {path} cannot be read: {error.strerror}.") from None
        folder = os.path.join(self.buildout["buildout"]["parts-directory"], self.name)
        self.kept = os.path.join(folder, url.partition("#")[0].rpartition("/")[2])
        self.original = fetch(self.name, url, self.kept, self.buildout.offline)
        return self.decoded(self.original)

    def decoded(self, content):
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise UserError(f"{self.name}: the template {self.options['url']} is not UTF-8 text.") from None

    def render(self, text):
        escape = ESCAPES.get(self.options.get("escape", "none"))
        if escape is None:
            raise UserError(f"{self.name}: escape = {self.options['escape']}: only {', '.join(ESCAPES)} are known.")

        def replacement(match):
            quoted, section, option = match.groups()
            if quoted or section is None:
                return match.group(0)[len(quoted):]
            return escape(self.buildout[section][option])

        return REFERENCE.sub(replacement, text)

    def install(self):
        written = []
        if self.kept is not None:
            write(self.kept, self.original, mode_of(self.name, {}, 0o666))
            written.append(os.path.dirname(self.kept))
        write(self.options["output"], self.content, self.mode)
        return written + [self.options["output"]]

    update = install


class Wrapper:
    """Writes an executable script that sets its environment and executes a command.

    output        path of the script, for example etc/service/NAME
    command       the command, one argument a line
    environment   lines of NAME=value
    restart-on    any text. Then the script's name ends in -HASH, a hash over the script and this text: supervisord
                  does not see a changed file, but a program of another name is another program
    path          (given) path of the script
    """

    def __init__(self, buildout, name, options):
        command = lines(options, "command")
        if not command:
            raise UserError(f"{name}: command is empty: write the program and its arguments, one a line.")
        script = "#!/bin/sh\n"
        for variable, value in environment_of(name, options).items():
            script += f"export {variable}={shlex.quote(value)}\n"
        script += "exec " + " ".join(shlex.quote(word) for word in command) + "\n"
        self.content = script.encode()
        self.path = options["output"]
        if "restart-on" in options:
            seen = self.content + b"\0" + options["restart-on"].encode()
            self.path += "-" + hashlib.sha256(seen).hexdigest()[:8]
        options["path"] = self.path

    def install(self):
        write(self.path, self.content, mode_of("wrapper", {}, 0o777))
        return [self.path]

    update = install
