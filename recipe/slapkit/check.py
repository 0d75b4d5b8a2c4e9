"""What a promise checks. The recipe `promise` copies this text into each promise, so it needs nothing but Python.

Each check imports what it needs: a promise runs every two minutes, and most of its cost is what it loads.
"""
import sys

LARGEST_BYTES = 4 * 1024**2


class Broken(Exception):
    """Why the promise does not hold."""


def check_http(what):
    import http.client
    import urllib.parse
    parts = urllib.parse.urlsplit(what["url"])
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=what["timeout"])
    try:
        connection.request("GET", (parts.path or "/") + ("?" + parts.query if parts.query else ""))
        answer = connection.getresponse()
        page = answer.read(LARGEST_BYTES).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        raise Broken(f"{what['url']} does not answer: {error}") from None
    finally:
        connection.close()
    if answer.status != what["status"]:
        raise Broken(f"{what['url']} answered {answer.status} {answer.reason}, not {what['status']}")
    if what["expect"] not in page:
        raise Broken(f"{what['url']} answered {answer.status}, but without the text {what['expect']!r}")
    return f"{what['url']} answered {answer.status}, {len(page)} characters"


def check_tcp(what):
    import socket
    try:
        socket.create_connection((what["host"], what["port"]), what["timeout"]).close()
    except OSError as error:
        raise Broken(f"{what['host']} port {what['port']} does not accept connections: {error}") from None
    return f"{what['host']} port {what['port']} accepts connections"


def check_exec(what):
    import subprocess
    command = what["command"]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=what["timeout"])
    except subprocess.TimeoutExpired:
        raise Broken(f"{command[0]} did not end within {what['timeout']} s") from None
    except OSError as error:
        raise Broken(f"{command[0]} cannot be executed: {error.strerror}") from None
    said = done.stdout.decode(errors="replace").strip()[-200:]
    if done.returncode:
        raise Broken(f"{command[0]} ended with status {done.returncode}: {said}")
    return said or f"{command[0]} ended with status 0"


def one_line(text):
    return " ".join(text.split())[:500]


def main(what):
    checks = {"http": check_http, "tcp": check_tcp, "exec": check_exec}
    try:
        print(one_line(checks[what["check"]](what)))
    except Broken as broken:
        print(one_line(str(broken)))
        sys.exit(1)
