"""Loads a promise plugin and runs it, in a process of its own."""
import ast
import importlib.util
import os
import sys
import time

PLUGIN_PATH = os.path.join(os.path.dirname(os.path.realpath(__file__)), "plugin_path")
FALLBACK_PATH = os.path.join(os.path.dirname(os.path.realpath(__file__)), "fallback_path")
EXTRA = "extra_config_dict"
MAX_SOURCE = 1 << 20


def leading_paths(source):
    """The list that the plugin puts in front of sys.path, wherever among its imports it does so."""
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1 \
                and ast.unparse(statement.targets[0]) == "sys.path[0:0]":
            value = ast.literal_eval(statement.value)
            return [path for path in value if isinstance(path, str)]
    return []


def prepare_path(source):
    sys.path[:] = [PLUGIN_PATH] + leading_paths(source) + [path for path in sys.path if path != PLUGIN_PATH] \
        + [FALLBACK_PATH]
    for name in ("slapos", "slapos.grid"):
        module = sys.modules.get(name)
        if module is not None:
            from pkgutil import extend_path
            module.__path__ = extend_path(list(module.__path__), name)


def load(path, name, config):
    """The RunPromise of a plugin, ready to be run; raises with an explicit message."""
    with open(path, "rb") as file:
        source = file.read(MAX_SOURCE)
    prepare_path(source)
    from slapos.grid.promise.generic import GenericPromise
    from slapos.grid.promise.interface import IPromise

    title = os.path.splitext(name)[0]
    spec = importlib.util.spec_from_file_location("slapos_promise_" + title.replace("-", "_").replace(".", "_"), path)
    module = importlib.util.module_from_spec(spec)
    exec(compile(source, path, "exec"), module.__dict__)
    extra = getattr(module, EXTRA, {})
    if not isinstance(extra, dict):
        raise ValueError(f"{EXTRA} of {name} is not a dictionary")
    for key in extra:
        if key in config:
            raise ValueError(f"{EXTRA} of {name} may not set {key!r}, which the node does")
    promise_class = getattr(module, "RunPromise", None)
    if promise_class is None:
        raise AttributeError(f"Class RunPromise not found in promise {name}")
    if not IPromise.implementedBy(promise_class):
        raise RuntimeError("RunPromise class in %s must implement 'IPromise' interface. @implementer(interface.IPromise) "
                           "is missing ?" % name)
    if not issubclass(promise_class, GenericPromise):
        raise RuntimeError("RunPromise class is not a subclass of GenericPromise class.")
    return promise_class({**config, **extra})


def run(promise, config, check_anomaly):
    """Runs one plugin; what is known of it as a dictionary, without `failed` when this mode is not for it."""
    began = time.time()
    plugin = load(promise["path"], promise["name"], {**config, "name": promise["name"], "path": promise["path"]})
    told = {
        "periodicity": plugin.getPeriodicity() * 60,
        "is_tested": bool(plugin.isTested()),
        "is_anomaly_detected": bool(plugin.isAnomalyDetected()),
    }
    result = plugin.run(check_anomaly)
    if result is not None:
        failed = bool(result.hasFailed())
        told.update(type=result.type, failed=failed, message=str(result.message or ""),
                    bang=failed and result.type == "Anomaly Result" and plugin.isBangAllowed())
    told["seconds"] = time.time() - began
    return told
