"""The interface that a plugin's RunPromise declares."""
from zope.interface import Interface


class IPromise(Interface):
    def __init__(config):
        """`config` says where the promise is and what it is about."""

    def sense():
        """Looks, and logs what it sees; an error that is logged is a failure."""

    def anomaly():
        """What the last looks mean for an instance that was fine."""

    def test():
        """What the last looks mean for an instance that was just deployed."""
