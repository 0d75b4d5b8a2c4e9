from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)  # a release brings its own modules of this name
