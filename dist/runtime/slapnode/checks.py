"""Promises that the recipe `slapkit:promise` wrote, done by a process that has their code loaded already: a start of
Python and what it imports cost more than the check itself.

Such a promise is known by its whole text: it is the recipe's as this runtime has it, but for the literal that says what
to check. Anything else is executed as any program.
"""
import ast
import os
import sys

from slapnode import confine

HOME = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
SOURCE = os.path.join(HOME, "recipe", "slapkit", "check.py")
PYTHON = "/usr/bin/python3"
LARGEST_BYTES = 1 << 20


class Checks:
    """The recipe's code, loaded; knows no promise when root may not run it, or this is another Python."""

    def __init__(self):
        self.before, self.after, self.check = b"", b"", None
        is_ours = os.path.isfile(SOURCE) and os.path.realpath(sys.executable) == os.path.realpath(PYTHON)
        if not is_ours or os.geteuid() == 0 and not confine.is_trusted(SOURCE):
            return
        import http.client  # noqa: F401  so that no check has to load them
        import socket  # noqa: F401
        import subprocess  # noqa: F401
        import urllib.parse  # noqa: F401
        module = {"__name__": "check"}
        with open(SOURCE, "rb") as file:
            text = file.read()
        exec(compile(text, SOURCE, "exec"), module)
        # As slapkit/promise.py writes it.
        self.before = b"#!" + PYTHON.encode() + b" -SEsIBXutf8\n" + text + b'\n\nif __name__ == "__main__":\n    main('
        self.after = b")\n"
        self.check = module["main"]

    def what(self, path):
        """What a promise of the recipe checks; None when it is no such promise, or may not be executed."""
        if self.check is None or not os.access(path, os.X_OK):
            return None
        with open(path, "rb") as file:
            text = file.read(LARGEST_BYTES)
        if not (text.startswith(self.before) and text.endswith(self.after)):
            return None
        try:
            what = ast.literal_eval(text[len(self.before):-len(self.after)].decode())
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return None
        return what if isinstance(what, dict) else None

    def status(self, what):
        """Does it; the exit status the promise would have."""
        try:
            self.check(what)
            return 0
        except SystemExit as end:
            return end.code
        finally:
            sys.stdout.flush()
