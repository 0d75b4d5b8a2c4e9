"""Recipes between a partition and the agent: `parameters` and `port` read, `publish` writes."""
import json
import os
import re

from zc.buildout import UserError

from slapkit.files import write

LARGEST_BYTES = 16 * 1024**2
OPTION_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?")
# What XML 1.0 cannot carry either; a carriage return has been made a newline before.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Parameters:
    """What the agent knows of this instance, read from the file .slapgrid/instance.json that it leaves in the partition.

    default.NAME   value of the parameter NAME when the request gives none

    Gives: ipv4, ipv6 (empty when the partition has none), ip (ipv6, else ipv4), host (the same as a URL writes it), tap,
    user, partition, computer, software-type, instance-title, and p.NAME for each parameter. The JSON object in the
    parameter `_` is merged over the others; a value of it that is no string stays JSON.
    """

    def __init__(self, buildout, name, options):
        path = os.path.join(buildout["buildout"]["directory"], ".slapgrid", "instance.json")
        instance = read_instance(name, path)
        ipv4, ipv6 = word(instance, "ipv4"), word(instance, "ipv6")
        given = {
            "ipv4": ipv4,
            "ipv6": ipv6,
            "ip": ipv6 or ipv4,
            "host": f"[{ipv6}]" if ipv6 else ipv4,
            "tap": word(instance, "tap"),
            "user": word(instance, "user"),
            "partition": word(instance, "partition_id"),
            "computer": word(instance, "computer_id"),
            "software-type": word(instance, "software_type"),
            "instance-title": word(instance, "instance_title"),
        }
        values = {key[len("default."):]: options[key] for key in list(options) if key.startswith("default.")}
        values.update(asked_for(name, instance.get("parameters") or {}))
        for key, value in values.items():
            if not OPTION_NAME.fullmatch(key):
                raise UserError(f"{name}: the parameter {key!r} cannot be an option's name: use letters, digits, "
                                f"'.', '_' and '-'.")
            given["p." + key] = value
        for key, value in given.items():
            options[key] = plain(name, key, value)

    def install(self):
        return []

    update = install


def read_instance(name, path):
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST_BYTES + 1)
        if len(content) > LARGEST_BYTES:
            raise UserError(f"{name}: {path} is larger than {LARGEST_BYTES} bytes.")
        instance = json.loads(content)
    except OSError as error:
        raise UserError(f"{name}: {path} cannot be read ({error.strerror}): the agent writes it before it runs an "
                        f"instance profile.") from None
    except ValueError as error:
        raise UserError(f"{name}: {path} is not JSON: {error}.") from None
    if not isinstance(instance, dict) or not isinstance(instance.get("parameters") or {}, dict):
        raise UserError(f"{name}: {path} is not the JSON object of an instance.")
    return instance


def word(instance, key):
    value = instance.get(key)
    return "" if value is None else str(value)


def asked_for(name, parameters):
    """The parameters of the request, those of the JSON object under `_` merged over the others."""
    found = {key: value for key, value in parameters.items() if key != "_" and value is not None}
    document = parameters.get("_")
    if document:
        try:
            merged = json.loads(document) if isinstance(document, str) else document
        except ValueError as error:
            raise UserError(f"{name}: the parameter _ is not JSON: {error}.") from None
        if not isinstance(merged, dict):
            raise UserError(f"{name}: the parameter _ has to be a JSON object.")
        found.update((key, value) for key, value in merged.items() if value is not None)
    return {key: value if isinstance(value, str) else json.dumps(value, sort_keys=True)
            for key, value in found.items()}


def plain(name, key, value):
    """The value as an option can hold it: lines end in a newline, and nothing else controls anything."""
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    control = CONTROL.search(text)
    if control:
        raise UserError(f"{name}: {key} holds the control character U+{ord(control.group()):04X}: remove it from the "
                        f"request.")
    return text


class Port:
    """A port of this partition's own, also when partitions share one address.

    base        the port of partition 0, default 8100
    partition   the partition's id, for example slappart3: the number at its end is added
    port        (given)
    """

    def __init__(self, buildout, name, options):
        base, number = options.get("base", "8100"), re.search("[0-9]*$", options["partition"]).group()
        port = int(base) + int(number or 0) if base.isascii() and base.isdigit() and len(number) < 6 else 0
        if not 0 < port < 65536:
            raise UserError(f"{name}: base {base} and partition {options['partition']} give no port from 1 to 65535.")
        options["port"] = str(port)

    def install(self):
        return []

    update = install


class Publish:
    """Leaves connection parameters for the agent, which sends them to the Master. Each option but `recipe` is one."""

    def __init__(self, buildout, name, options):
        self.path = os.path.join(buildout["buildout"]["directory"], ".slapos-publish.json")
        self.values = {key: options[key] for key in options if key != "recipe"}

    def install(self):
        write(self.path, json.dumps(self.values, sort_keys=True, ensure_ascii=False).encode(), 0o640)
        return [self.path]

    update = install
