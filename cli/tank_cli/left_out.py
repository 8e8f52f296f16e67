"""Modules that a library loads and that nothing here uses: others in their place, which are not loaded.

Each name of such a module is a class with nothing in it, and of which there can be no
object. Whoever uses one gets an exception, and an exception while something is verified is a
refusal. So what is left out can keep something from being believed, and can have nothing
believed.

``importlib.util.LazyLoader`` does not do it: the libraries take names out of these modules
while they are loaded, and that is when a lazy module loads.
"""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import Any, NoReturn

# What is loaded with sigstore's verifier to sign, to log in and to fetch. Verifying against a given root uses
# none of it; sigstore-python 4.5.1 offers no verifier without.
SIGSTORE_CLIENTS = ("requests", "tuf.ngclient", "sigstore.oidc", "platformdirs", "importlib.resources")
# Log entries of kinds that no bundle has: sigstore-rekor-types 0.0.18 makes a model of each.
LOG_ENTRIES = tuple(
    f"rekor_types._internal.{kind}"
    for kind in ("alpine", "cose", "helm", "intoto", "jar", "rekord", "rfc3161", "rpm", "tuf")
)
# pydantic 2.14 reads what every installed package says of itself, to find plugins, which are not wanted here;
# cryptography 50 splits e-mail addresses with the first when it makes names, and reads keys of SSH.
HELPERS = ("importlib.metadata", "email.utils", "cryptography.hazmat.primitives.serialization.ssh")
# Types that pydantic knows, and that no field of a bundle or of a trusted root has.
FIELD_TYPES = ("decimal", "fractions", "uuid", "zoneinfo")
# python-tuf 7 loads its own way to fetch, with urllib3, also for who brings another.
TUF_FETCHER = ("tuf.ngclient.urllib3_fetcher",)


class LeftOutError(Exception):
    """Something was used that is said to be used by nothing."""


class _LeftOutType(type):
    def __call__(cls, *_: object, **__: object) -> NoReturn:
        raise LeftOutError(cls.__name__)

    def __get_pydantic_core_schema__(cls, *_: object) -> dict[str, object]:
        """Lets a model have a field of this type, for which nothing is valid: there is no object of it."""
        return {"type": "is-instance", "cls": cls}


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


def leave_out_of_verifying() -> None:
    """Leaves out everything that verifying a bundle uses nothing of, for a process that does nothing else."""
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
    leave_out((*SIGSTORE_CLIENTS, *LOG_ENTRIES, *HELPERS, *FIELD_TYPES))
