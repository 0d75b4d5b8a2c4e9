"""The recipe `promise`."""
import inspect
import os

from zc.buildout import UserError

from slapkit import check
from slapkit.files import ESCAPES, lines, mode_of, write

BEFORE = "#!/usr/bin/python3 -SEsIBXutf8\n" + inspect.getsource(check) + '\n\nif __name__ == "__main__":\n    main('
AFTER = ")\n"


class Promise:
    """Writes an executable, complete in itself, that checks something and says in one line how it stands. The node knows
    its text and does the same without starting a Python for it.

    output    path, for example etc/promise/NAME
    check     http: url answers with status (default 200) and holds the text expect, with escape = html as HTML writes it
              tcp:  host accepts connections on port
              exec: command (one argument a line) ends with status 0
    timeout   seconds, default 5
    """

    def __init__(self, buildout, name, options):
        self.path = options["output"]
        kind = options.get("check", "")
        needed = {"http": ["url"], "tcp": ["host", "port"], "exec": ["command"]}.get(kind)
        if needed is None:
            raise UserError(f"{name}: check = {kind}: only http, tcp and exec are known.")
        absent = [option for option in needed if not options.get(option, "").strip()]
        if absent:
            raise UserError(f"{name}: check = {kind} needs {' and '.join(absent)}.")
        escape = ESCAPES.get(options.get("escape", "none"))
        if escape is None:
            raise UserError(f"{name}: escape = {options['escape']}: only {', '.join(ESCAPES)} are known.")
        what = {option: options[option] for option in needed}
        if kind == "http":
            what.update(expect=escape(options.get("expect", "")), status=number(name, options, "status", "200"))
        elif kind == "tcp":
            what["port"] = number(name, options, "port", "")
        else:
            what["command"] = lines(options, "command")
        what.update(check=kind, timeout=number(name, options, "timeout", "5"))
        self.content = (BEFORE + repr(what) + AFTER).encode()

    def install(self):
        write(self.path, self.content, mode_of("promise", {}, 0o777))
        return [self.path]

    update = install


def number(name, options, option, default):
    text = options.get(option, default).strip()
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise UserError(f"{name}: {option} = {text} is no number from 1 to 65535.")
    return int(text)
