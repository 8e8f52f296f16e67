"""Start-up: what is imported, and when."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from tank_cli import overview
from tank_cli.app import tank as tank_group
from tests.support.binding_documents import bindings_document
from tests.support.publishing_documents import whoami, write_skill
from tests.support.registry_double import RegistryDouble

CLI = Path(__file__).resolve().parents[2]
_HASHES = {"hmac", "hashlib", "_hashlib", "_blake2", "_operator", "warnings"}
HEAVY = {"httpx", "pydantic", "rich", "sigstore", "cryptography", "yaml", "nab_resolver", "tuf"}


def imported_by(
    *arguments: str, home: Path | None = None, cwd: Path | None = None, **variables: str
) -> set[str]:
    """Returns the top-level modules that a run of `tank` has loaded at its end."""
    return {name.partition(".")[0] for name in modules_of(*arguments, home=home, cwd=cwd, **variables)}


def modules_of(
    *arguments: str, home: Path | None = None, cwd: Path | None = None, **variables: str
) -> set[str]:
    """Returns all modules that a run of `tank` has loaded at its end."""
    program = (
        "import sys\nfrom tank_cli.main import main\n"
        f"code = main({list(arguments)!r})\n"
        f"assert code == {2 if arguments == ('nonsense',) else 0}, code\n"
        "print('\\nMODULES', *sys.modules)"
    )
    environment = {
        "PYTHONPATH": f"{CLI / 'cli'}:{CLI}",
        "HOME": str(home or "/nonexistent"),
        "PATH": "",
        **variables,
    }
    environment.setdefault("TANK_LINK_MODE", "copy")  # as the tests before and after it
    result = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=cwd,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return set(result.stdout.rpartition("MODULES ")[2].split())


def test_version_loads_nothing_beside_the_interpreter() -> None:
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    assert imported_by("--version") - set(bare.stdout.split()) == {"__future__", "tank_cli"}


def test_the_command_that_make_installs_is_all_that_its_start_loads() -> None:
    command = CLI / ".venv-cli" / "bin" / "tank"
    if not command.exists():
        pytest.skip("it is not installed: make .venv-cli/.ready")
    bare = _loaded_in_order(command.with_name("python3"), "-c", "pass")
    assert not {"_distutils_hack", "re"} & set(bare)
    assert _loaded_in_order(command, "--version") == [*bare, "tank_cli", "__future__", "tank_cli.main"]


def _loaded_in_order(*command: Path | str) -> list[str]:
    environment = {"PYTHONPROFILEIMPORTTIME": "1", "PATH": "", "HOME": "/nonexistent"}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=30)
    return [line.rpartition("|")[2].strip() for line in result.stderr.splitlines()]


def test_the_overview_is_what_click_would_print_and_loads_nothing_for_it() -> None:
    assert imported_by("--help") - imported_by("--version") == set()
    told = click.Context(
        tank_group, info_name="tank", terminal_width=80, **tank_group.context_settings
    ).get_help()
    assert overview.lines(80) == told.splitlines()


def test_an_overview_that_would_have_to_be_folded_is_left_to_click() -> None:
    assert overview.lines(60) is None


@pytest.mark.parametrize(
    "arguments", [["--help"], ["install", "--help"], ["publish", "--help"], ["nonsense"]]
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    assert not imported_by(*arguments) & HEAVY


def test_the_interpreter_looks_for_no_cycles_when_a_command_ends() -> None:
    program = (
        "import gc, sys\nfrom tank_cli.main import main\n"
        "sys.argv = ['tank', 'install', '--help']\nassert main() == 0\nprint(len(gc.get_objects()))"
    )
    environment = {"PYTHONPATH": f"{CLI / 'cli'}:{CLI}", "HOME": "/nonexistent", "PATH": ""}
    command = [sys.executable, "-c", program]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=30)
    assert int(result.stdout.split()[-1]) < 1_000  # without it, tens of thousands: those of click alone


def test_an_install_that_finds_everything_in_place_loads_no_http_and_no_cryptography(
    tank: Any, trusted: RegistryDouble, project: Path, home: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0", skills={"@acme/text": "^1.0.0"})
    trusted.publish("@acme/text", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    assert imported_by("install", "--json", home=home, cwd=project) & HEAVY == set()


def test_a_second_install_of_an_unchanged_project_loads_hashes_and_nothing_else(
    tank: Any, trusted: RegistryDouble, project: Path, home: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    for path in (project / ".tank/skills").rglob("*.*"):
        os.utime(path, ns=(10**18, 10**18))  # older than the state, which was written within the same tick
    assert tank("install").exit_code == 0
    assert imported_by("install", home=home, cwd=project) - imported_by("--version") <= _HASHES


def test_verifying_files_that_are_as_locked_loads_hashes_and_nothing_else(
    tank: Any, trusted: RegistryDouble, project: Path, home: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    assert tank("install").exit_code == 0
    for options in (["--files"], ["--files", "--json"]):
        loaded = imported_by("verify", *options, home=home, cwd=project) - imported_by("--version")
        assert loaded <= {*_HASHES, "tank_core"}


def test_an_install_from_the_cache_loads_no_http_no_cryptography_and_no_threads(
    tank: Any, trusted: RegistryDouble, project: Path, home: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    shutil.rmtree(project / ".tank")
    loaded = imported_by("ci", "--overwrite", home=home, cwd=project, TANK_LINK_MODE="hardlink")
    assert not loaded & HEAVY
    shutil.rmtree(project / ".tank")
    loaded = imported_by("ci", "--overwrite", home=home, cwd=project, TANK_LINK_MODE="hardlink")
    assert not loaded & {*HEAVY, "http", "ssl", "socket", "concurrent"}


def test_an_install_from_the_store_loads_nothing_that_unpacks_judges_or_asks(
    tank: Any, trusted: RegistryDouble, project: Path, home: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    for _ in range(2):  # the first one fills the store: the tests make copies
        shutil.rmtree(project / ".tank")
        shutil.rmtree(project / ".agents")
        loaded = modules_of("ci", home=home, cwd=project, TANK_LINK_MODE="hardlink")
    assert "tank_cli.store" in loaded
    unpacking = {"tank_core.archive", "tank_core.manifest.skill", "tank_core.spdx", "tank_cli.cache_entries"}
    judging = {"tank_core.findings", "tank_core.signer", "tank_core.signature", "tank_cli.verify"}
    wording = {"difflib", "textwrap", "shlex", "datetime", "secrets", "random", "traceback"}
    assert not loaded & {*unpacking, *judging, *wording}


def test_no_module_of_the_command_loads_sigstore_when_it_is_imported() -> None:
    program = (
        "import importlib, pkgutil, sys, tank_cli\n"
        "names = [m.name for m in pkgutil.walk_packages(tank_cli.__path__, 'tank_cli.')]\n"
        "names.remove('tank_cli.__main__')\n"
        "assert 'tank_cli.signing.bundles' in names\n"
        "for name in names: importlib.import_module(name)\n"
        "print(*sorted({'sigstore', 'id'} & sys.modules.keys()))"
    )
    environment = {"PYTHONPATH": f"{CLI / 'cli'}:{CLI}", "HOME": "/nonexistent", "PATH": ""}
    command = [sys.executable, "-c", program]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=30)
    assert result.stdout == "\n"


def test_what_reads_the_index_loads_no_second_http_for_it() -> None:
    program = (
        "import sys\n"
        "sys.modules['boto3'] = None\n"  # which the command does not have, and python-tuf would look at
        "import tank_cli.client.trusted_metadata\n"
        "print(*sorted({'tuf', 'urllib3', 'requests'} & sys.modules.keys()))"
    )
    environment = {"PYTHONPATH": f"{CLI / 'cli'}:{CLI}", "HOME": "/nonexistent", "PATH": ""}
    command = [sys.executable, "-c", program]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=30)
    assert result.stdout == "tuf\n"


@pytest.mark.parametrize("options", [["--no-sign"], []], ids=["--no-sign", "nobody bound"])
def test_an_unsigned_publish_does_not_load_sigstore(
    tank: Any, trusted: RegistryDouble, project: Path, home: Path, options: list[str]
) -> None:
    token = project / "token"
    token.write_text("tank_abc")
    trusted.answer_json("GET", "/v1/whoami", whoami("jo"))
    assert tank("login", "--token-file", token).exit_code == 0
    trusted.answer_json("GET", "/v1/orgs/acme/bindings", bindings_document())
    trusted.answer_json("POST", "/v1/publishes", {"state": "published", "already": True})
    folder = write_skill(project / "notes")
    loaded = imported_by("publish", str(folder), *options, home=home, cwd=project)
    assert "http" in loaded  # it did go to the registry
    assert not loaded & {"sigstore", "id"}
