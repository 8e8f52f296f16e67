"""``python -m infra.local rescan``: judges what is published by today's rules, while no server runs.

A running server does the same by itself. The command is for who wants to wait for the
result, to have versions tried again that were given up, or to take down what failed.
With ``--status`` it only tells what is due, beside a running server too.
"""

from __future__ import annotations

import argparse
import json
import secrets
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from chalicelib import wiring
from chalicelib.services.registry_document import listed_keys
from chalicelib.services.rescans import status
from chalicelib.settings import Settings
from infra.ceremony.folder import Ceremony
from infra.local.analysis_process import AnalysisProcess
from infra.local.folder import DataFolder
from infra.local.mirror import mirror
from infra.local.sqlite.catalog import SqliteCatalog
from infra.local.sqlite.database import Database
from infra.local.stages import rescan_functions
from infra.local.states.engine import Engine, TaskFunction
from infra.local.states.task_thread import TaskThread
from infra.local.states.transition import Checkpoint, Status
from infra.local.wiring import EmbeddedRegistry, embedded_ports
from pipeline.judging import rules_in_force
from tank_core import tuf_layout
from tank_core.entities import JsonObject

_RECORD = "${RescanRecordFunctionArn}"
_LOOK_SECONDS = 0.2  # between two looks for a step whose retry is due


class NeverServedError(Exception):
    """The data folder is not that of a registry."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command's options."""
    parser.add_argument("--data", type=Path, required=True, help="data folder of a registry that is stopped")
    parser.add_argument("--rules", type=Path, help="folder of detection rules, instead of those that ship")
    parser.add_argument("--oci-registry", default="", help="as given to serve")
    parser.add_argument(
        "--takedown-on", choices=["fail"], help="withdraw versions whose verdict becomes fail"
    )
    parser.add_argument("--retry", action="store_true", help="try again what was given up")
    parser.add_argument("--status", action="store_true", help="only tell what is due")


def run(given: argparse.Namespace, semgrep: Path) -> int:
    """Rescans, or tells the status; returns 1 when versions could not be scanned.

    Raises:
        NeverServedError: there is no registry in the data folder.
        FolderInUseError: a server runs on it.
        RuleError: the rules are not usable.
    """
    folder = DataFolder(given.data.absolute())
    document = _registry_document(folder)
    settings = Settings(
        public_url=str(json.loads(document)["registry"]),
        earlier_keys=listed_keys(document),
        rules_path=str(given.rules.absolute()) if given.rules else "",
        takes_down_failed=given.takedown_on == "fail",
    )
    if not given.status:
        _rescan(folder, settings, semgrep, given)
    return _tell_status(folder, settings)


def _registry_document(folder: DataFolder) -> bytes:
    """Returns where clients reach the registry, and its keys, as its operator signed them last."""
    document = Ceremony(folder.ceremony).target(tuf_layout.REGISTRY_TARGET) if folder.root.is_dir() else None
    if document is None:
        raise NeverServedError(f"there is no registry in {folder.root}: start it once with serve")
    return document


def _rescan(folder: DataFolder, settings: Settings, semgrep: Path, given: argparse.Namespace) -> None:
    with ExitStack() as stack:
        stack.enter_context(folder.locked())
        registry = embedded_ports(
            folder.root, settings=settings, semgrep=semgrep, artifacts=mirror(given.oci_registry)
        )
        stack.callback(registry.database.close)
        wiring.provide(registry.ports)
        stack.callback(wiring.provide, None)
        scan = AnalysisProcess(folder.root, settings.public_url, semgrep, settings.rules_path, "scan")
        stack.callback(scan.stop)
        functions = dict(rescan_functions(scan))
        functions[_RECORD] = _telling(functions[_RECORD])
        registry.rescans.checkpoints.release_all()  # the folder is ours: earlier owners are dead
        while _executed(registry, functions, {"retry": given.retry}).data.get("pick") == {
            "outcome": "paused"
        }:
            pass


def _executed(
    registry: EmbeddedRegistry, functions: Mapping[str, TaskFunction], document: JsonObject
) -> Checkpoint:
    """Runs one execution to its end, after whatever was left of earlier ones."""
    rescans, clock = registry.rescans, registry.ports.clock
    name, owner, thread = f"rescan-{registry.ports.ids.new_id()}", secrets.token_hex(8), TaskThread()
    engine = Engine(rescans.machine, functions, rescans.checkpoints, clock)
    rescans.executions.start(name, document)
    pause = threading.Event()
    while True:
        at = rescans.checkpoints.get(name)
        if at is None or at.status is not Status.RUNNING:
            thread.close()
            return at or Checkpoint(name, Status.FAILED, "", {})
        if not engine.run_one(owner, thread):
            pause.wait(_LOOK_SECONDS)


def _telling(record: TaskFunction) -> TaskFunction:
    """Returns Record as it is, with a line for each version that is judged anew."""

    def told(document: JsonObject) -> object:
        result = record(document)
        if isinstance(result, dict) and result.get("is_new"):
            about = document["pick"]
            print(f"{about['name']}@{about['version']}: {result['verdict']}, score {result['score']}")
        return result

    return told


def _tell_status(folder: DataFolder, settings: Settings) -> int:
    database = Database(folder.database)
    rule_set = rules_in_force(settings).digest
    found = status(SqliteCatalog(database), rule_set)
    database.close()
    print(f"Rules {rule_set}: {found.due} due, {len(found.given_up)} given up.")
    for version in found.given_up:
        print(
            f"{version.name}@{version.version} could not be scanned; it keeps the verdict {version.verdict}"
        )
    return 1 if found.given_up else 0
