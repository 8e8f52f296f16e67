"""Modules that a library loads and that nothing here uses: others in their place, which are not loaded.

Each name of such a module is a class with nothing in it, and of which there can be no
object. Whoever uses one gets an exception, and an exception while something is verified is a
refusal. So what is left out can keep something from being believed, and can have nothing
believed.

``importlib.util.LazyLoader`` does not do it: the libraries take names out of these modules
while they are loaded, and that is when a lazy module loads.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, NoReturn

# What sigstore loads with its verifier to sign, to log in and to fetch: a quarter of the time and of the
# memory. Verifying against a given root uses none of it; sigstore-python 4.5.1 offers no verifier without.
SIGSTORE_CLIENTS = ("requests", "tuf.ngclient", "sigstore.oidc", "platformdirs")
# python-tuf 7 loads its own way to fetch, with urllib3, also for who brings another.
TUF_FETCHER = ("tuf.ngclient.urllib3_fetcher",)


class LeftOutError(Exception):
    """Something was used that is said to be used by nothing."""


class _LeftOutType(type):
    def __call__(cls, *_: object, **__: object) -> NoReturn:
        raise LeftOutError(cls.__name__)


class LeftOut(ModuleType):
    """A module that is not loaded. Whatever name is taken out of it is a class of its own."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _LeftOutType(name, (), {})


def leave_out(names: tuple[str, ...]) -> None:
    """Puts such modules in the place of real ones that are not loaded yet; to be called before their library."""
    for name in names:
        left_out = sys.modules.setdefault(name, LeftOut(name))
        if name == "requests":
            vars(left_out).setdefault("__version__", "left-out")  # sigstore names it in its User-Agent
