"""zc.buildout as this runtime runs it, cold (`bin/buildout`) and warm (`bin/buildout-server`): from this runtime alone,
so that nothing installed on the machine changes a build.

The recipe egg `slapkit` is on the path already, so that `recipe = slapkit:NAME` needs no network and no build step.
Defaults differ from zc.buildout's own in these, which a profile or the command line may change: newest = false,
index = file:///nonexistent, allow-hosts = (none).
"""
import collections
import collections.abc
import functools
import os
import sys
import warnings

RUNTIME = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
LIB = os.path.join(RUNTIME, "lib")
RECIPE = os.path.join(os.path.dirname(RUNTIME), "recipe")
PROGRAM = os.path.join(RUNTIME, "bin", "buildout")


def section_key_copy(key, memo):
    """What copy.deepcopy makes of a SectionKey, but that entries of its history, which nobody changes, are shared: copies
    of options were a fifth of a run."""
    copied = object.__new__(type(key))
    copied.value, copied.history = key.value, list(key.history)
    return copied


def load():
    """The module zc.buildout.buildout, ready for `main(arguments)`."""
    sys.path[:] = [LIB, RECIPE] + [path for path in sys.path if path not in (LIB, RECIPE)]
    warnings.simplefilter("ignore")
    # zc.buildout 2.13 looks for these names where Python kept them until 3.9.
    collections.MutableMapping = collections.abc.MutableMapping
    collections.Mapping = collections.abc.Mapping

    import setuptools  # noqa: F401  first: it brings the module distutils where the machine has none
    import pkg_resources
    import zc.buildout.buildout as buildout

    for option, value in {"newest": "false", "index": "file:///nonexistent", "allow-hosts": ""}.items():
        buildout._buildout_default_options[option] = buildout.SectionKey(value, "DEFAULT_VALUE")
    original_get = buildout.Options.get

    def get(self, option, default=None, seen=None):
        """zc.buildout 2.13 replaces references in a value twice; so a parameter of a request that holds the text
        ${section:option} would be read as a reference of the profile. Once replaced is replaced."""
        if option not in self._data and option in self._cooked:
            self._data[option] = self._cooked[option]
        return original_get(self, option, default, seen)

    buildout.Options.get = get
    buildout.SectionKey.__deepcopy__ = section_key_copy
    # The same few requirements are read dozens of times in a run, each time by a grammar.
    pkg_resources.Requirement.parse = staticmethod(functools.lru_cache(1000)(pkg_resources.Requirement.parse))
    sys.argv[0] = PROGRAM
    return buildout
