"""As much of zope.interface as a promise plugin needs, for releases that do not bring it."""


class _InterfaceClass(type):
    def implementedBy(cls, implementer_class):
        return any(cls in getattr(base, "__slapos_implements__", ()) for base in implementer_class.__mro__)

    def providedBy(cls, thing):
        return cls.implementedBy(type(thing))


class Interface(metaclass=_InterfaceClass):
    pass


class Attribute:
    def __init__(self, name="", doc=""):
        self.__name__, self.__doc__ = name, doc


def classImplements(cls, *interfaces):
    cls.__slapos_implements__ = tuple(cls.__dict__.get("__slapos_implements__", ())) + interfaces


def implementer(*interfaces):
    def mark(cls):
        classImplements(cls, *interfaces)
        return cls
    return mark
