"""What a process that only verifies bundles leaves out of sigstore: all that talks to somebody.

The library loads with its verifier what signs, logs in and fetches, which takes a quarter of
the time and of the memory. Verifying against a given root uses none of it. In its place stand
modules whose every name is a class with nothing in it, and of which there can be no object.
Whoever uses one gets an exception, which is no answer: the install then verifies that bundle
itself, with the whole library. So what is left out can keep a bundle from being known here,
and can let none pass.

``importlib.util.LazyLoader`` does not do it: the library takes names out of these modules
while it is loaded, and that is when a lazy module loads.

Source: sigstore-python 4.5.1, which offers no verifier without its clients.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, NoReturn

LEFT_OUT = ("requests", "tuf.ngclient", "sigstore.oidc", "platformdirs")


class LeftOutError(Exception):
    """Something was used that verifying a bundle does not use."""


class _LeftOutType(type):
    def __call__(cls, *_: object, **__: object) -> NoReturn:
        raise LeftOutError(cls.__name__)


class LeftOut(ModuleType):
    """A module that is not loaded. Whatever name is taken out of it is a class of its own."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _LeftOutType(name, (), {})


def leave_out() -> None:
    """Puts such modules in the place of the real ones; to be called in a process of its own, before sigstore."""
    for name in LEFT_OUT:
        sys.modules[name] = LeftOut(name)
    vars(sys.modules["requests"])["__version__"] = "left-out"  # the library names it in its User-Agent
