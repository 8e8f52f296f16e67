"""The command's table of exit codes says what the errors themselves say."""

from __future__ import annotations

import importlib
import pkgutil

import tank_core
from chalicelib.services.authorisation import Scope
from infra import reference_pages
from tank_cli.commands.token import SCOPES
from tank_cli.exit_codes import BY_CODE
from tank_core.errors import ExitCode, TankError


def core_errors() -> dict[str, type[TankError]]:
    """Returns every error class of tank_core, by code."""
    for module in pkgutil.walk_packages(tank_core.__path__, "tank_core."):
        importlib.import_module(module.name)
    found: dict[str, type[TankError]] = {}
    waiting: list[type[TankError]] = [TankError]
    while waiting:
        error = waiting.pop()
        waiting += error.__subclasses__()
        if error.__module__.startswith("tank_core") and "code" in error.__dict__:
            found[error.code] = error
    return found


def test_table_agrees_with_the_errors_of_the_core() -> None:
    known = {code: error.exit_code for code, error in core_errors().items()}
    assert {code: known[code] for code in BY_CODE if code in known} == {
        code: BY_CODE[code] for code in BY_CODE if code in known
    }


def test_table_agrees_with_what_the_errors_of_the_registry_state() -> None:
    stated = {entry.code: entry.exit_code for entry in reference_pages.entries()}
    assert {code: stated[code] for code in BY_CODE} == {code: exit_.name for code, exit_ in BY_CODE.items()}


# Raised on the client's side only, never by a stage of a publish.
CLIENT_ONLY = {"directory-collision", "invalid-lockfile", "no-resolution", "permission-budget"}


def test_whatever_a_person_wrote_wrongly_is_one_kind() -> None:
    known = core_errors()
    written = ("manifest", "skill-md", "permissions", "name", "version", "range", "consent")
    codes = {known[f"invalid-{what}"].exit_code for what in written} | {known["not-migratable"].exit_code}
    assert codes == {ExitCode.USAGE}


def test_the_scopes_of_a_token_are_those_of_the_registry() -> None:
    assert tuple(Scope) == SCOPES


def test_every_error_of_the_core_that_a_publish_can_end_with_is_in_the_table() -> None:
    refusals = {
        code: error.exit_code
        for code, error in core_errors().items()
        if error.status in (410, 422) and error.exit_code is not ExitCode.FAILURE and code not in CLIENT_ONLY
    }
    assert refusals.items() <= BY_CODE.items(), sorted(refusals.items() - BY_CODE.items())
