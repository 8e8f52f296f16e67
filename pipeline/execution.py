"""What travels between the stages of one publish, and how it is read and written.

The state machine's document stays small: ids, digests and one-line summaries.
Everything large (analysis report, SBOM, score) lies in the object store below
``work/<publish id>/`` and is named here.

Source: DESIGN, "Failure": every step may run twice, so every write below is to a
key that only this publish owns, and the same input writes the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import keys
from tank_core import canonical
from tank_core.entities import JsonObject, Publish
from tank_core.errors import TankError
from tank_core.publish import Stage, StageRejected

# The working documents, each written by one stage and read by later ones.
ANALYSIS = "analysis.json"  # Analyze: the report
COMPARISON = "comparison.json"  # Validate: findings of declared against observed
SBOM = "sbom.json"  # Validate: the SBOM's bytes, in base64
SCORE = "score.json"  # Score: value, verdict, items, all findings
MAX_WORK_BYTES = 64 * 1024 * 1024  # an analysis report of a hostile package is still bounded


class ExecutionError(Exception):
    """The execution's document or a working document is not what a stage expects: our fault."""


@dataclass(frozen=True, slots=True)
class StageInput:
    """One publish at the entry of a stage.

    Attributes:
        publish: the attempt, as recorded.
        key: the object that was uploaded.
        version_id: the one immutable version of it that all stages read.
    """

    publish: Publish
    key: str
    version_id: str


@dataclass(frozen=True, slots=True)
class StageOutput:
    """What a stage that passed says: one line for people, and a few small facts."""

    summary: str
    facts: JsonObject = field(default_factory=dict)


def write_document(ports: RegistryPorts, publish_id: str, name: str, value: JsonObject) -> None:
    """Leaves a working document for later stages."""
    ports.blobs.put(keys.work(publish_id, name), canonical.compact(value), content_type="application/json")


def read_document(ports: RegistryPorts, publish_id: str, name: str) -> JsonObject:
    """Returns the working document that an earlier stage left.

    Raises:
        ports.errors.Missing: the stage that writes it did not run.
        ExecutionError: it is not a JSON object.
    """
    value = json.loads(ports.blobs.get(keys.work(publish_id, name), max_bytes=MAX_WORK_BYTES))
    if not isinstance(value, dict):
        raise ExecutionError(f"work document {name} of {publish_id} is not an object")
    return value


def counted(number: int, one: str, many: str = "") -> str:
    """Returns a number with its noun, such as ``1 note`` or ``3 notes``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


@contextmanager
def refusing(stage: Stage) -> Iterator[None]:
    """Turns every error that the publisher can mend into this stage's refusal."""
    try:
        yield
    except TankError as error:
        raise StageRejected.because(stage, error) from error
