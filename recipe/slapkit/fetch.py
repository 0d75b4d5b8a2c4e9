"""Fetches a file known by its SHA-256, with a limit on its size and on the time."""
import hashlib
import http.client
import logging
import os
import re
import time
import urllib.parse
import urllib.request

from zc.buildout import UserError

LARGEST_BYTES = 512 * 1024**2
DEADLINE_SECONDS = 600
SILENCE_SECONDS = 30
log = logging.getLogger("slapkit")


def locate(url):
    """The path of a file on this machine, or None when it is elsewhere."""
    if url.startswith("/"):
        return url
    return urllib.request.url2pathname(url[7:]) if url.startswith("file:///") else None


def split(part, reference):
    """URL#sha256 as its two halves."""
    url, _, digest = reference.partition("#")
    if not re.fullmatch("[0-9a-f]{64}", digest):
        raise UserError(f"{part}: {url} carries no SHA-256: write it as URL#sha256, 64 hexadecimal digits.")
    return url, digest


def basename(part, url):
    """The file name at the end of a URL."""
    name = urllib.parse.unquote(urllib.parse.urlsplit(url).path.rpartition("/")[2])
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        raise UserError(f"{part}: {url} does not end in a file name.")
    return name


def fetch(part, reference, kept=None, offline=False):
    """The bytes of URL#sha256, checked; those of the file `kept` when it has that hash."""
    url, digest = split(part, reference)
    if kept is not None:
        try:
            with open(kept, "rb") as file:
                content = file.read()
            if hashlib.sha256(content).hexdigest() == digest:
                return content
        except OSError:
            pass
    if offline and locate(url) is None:
        raise UserError(f"{part}: {url} has to be fetched, but this Buildout runs with offline = true.")
    try:
        content = read(part, url)
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise UserError(f"{part}: {url} cannot be fetched: {reason}.") from None
    found = hashlib.sha256(content).hexdigest()
    if found != digest:
        raise UserError(f"{part}: {url} is not the file the profile names: SHA-256 {digest} was expected, "
                        f"{found} was found ({len(content)} bytes). Correct the profile, or find out who changed the "
                        f"file.")
    log.info("%s: fetched %s (%d bytes)", part, url, len(content))
    return content


def read(part, url):
    path = locate(url)
    if path is not None:
        if os.path.getsize(path) > LARGEST_BYTES:
            raise UserError(f"{part}: {path} is larger than {LARGEST_BYTES} bytes.")
        with open(path, "rb") as file:
            return file.read()
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise UserError(f"{part}: {url} is neither a path nor an http or https URL.")
    end = time.monotonic() + DEADLINE_SECONDS
    content = bytearray()
    # An https server is checked against the system's roots, or those of the file that SSL_CERT_FILE names.
    with urllib.request.urlopen(url, timeout=SILENCE_SECONDS) as answer:
        while piece := answer.read1(1 << 16):
            content += piece
            if len(content) > LARGEST_BYTES:
                raise UserError(f"{part}: {url} is larger than {LARGEST_BYTES} bytes.")
            if time.monotonic() > end:
                raise UserError(f"{part}: {url} took more than {DEADLINE_SECONDS} s: {len(content)} bytes came.")
        announced = answer.headers.get("Content-Length")
        if announced is not None and int(announced) != len(content):
            raise UserError(f"{part}: {url} broke off after {len(content)} of {announced} bytes: try again.")
    return bytes(content)
