"""What travels between the stages of one publish, and how it is read and written.

The state machine's document stays small: ids, digests and one-line summaries.
Everything large (analysis report, SBOM, score) lies in the object store below
``work/<publish id>/`` and is named here; its digest travels in the state machine's
document, so that whoever can write to the object store, and nowhere else, changes
no stage's mind.

Source: DESIGN, "Failure": every step may run twice, so every write below is to a
key that only this publish owns, and the same input writes the same bytes.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import keys
from tank_core import canonical, integrity
from tank_core.entities import JsonObject, Publish
from tank_core.errors import TankError
from tank_core.publish import Stage, StageRejected

# The working documents, each written by one stage and read by later ones.
ANALYSIS = "analysis.json"  # Analyze: the report
COMPARISON = "comparison.json"  # Validate: findings of declared against observed, and on the name
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
        earlier: what the stages before this one said, stage → facts.
    """

    publish: Publish
    key: str
    version_id: str
    earlier: Mapping[Stage, JsonObject] = field(default_factory=dict)

    def facts_of(self, stage: Stage) -> JsonObject:
        """Returns what an earlier stage said.

        Raises:
            ExecutionError: it did not run, or did not pass.
        """
        facts = self.earlier.get(stage)
        if facts is None:
            raise ExecutionError(f"{stage} did not pass in the execution of {self.publish.publish_id}")
        return facts

    def digest_of(self, document: str) -> str:
        """Returns the digest of a working document, as the stage that wrote it said.

        Raises:
            ExecutionError: no earlier stage wrote it.
        """
        for facts in self.earlier.values():
            digest = facts.get("documents", {}).get(document)
            if digest:
                return str(digest)
        raise ExecutionError(f"no stage of {self.publish.publish_id} wrote {document}")


@dataclass(frozen=True, slots=True)
class StageOutput:
    """What a stage that passed says.

    Attributes:
        summary: one line for people.
        facts: a few small ones, for later stages.
        documents: the working documents it left, name → digest.
    """

    summary: str
    facts: JsonObject = field(default_factory=dict)
    documents: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> JsonObject:
        """Returns the stage's outcome in the state machine's document."""
        documents = {"documents": dict(self.documents)} if self.documents else {}
        return {"summary": self.summary, **documents, **self.facts}


def matter_of(publish: Publish) -> JsonObject:
    """Returns what an attempt is about: Sign states it, and Store publishes that and nothing else.

    Every stage may write the attempt's row, to tell how it goes; only Sign decides for whom and for which name.
    """
    return {
        "name": publish.name,
        "version": publish.version,
        "publisher": publish.publisher_id,
        "digest": publish.digest,
        "integrity": publish.integrity,
        "bundle_digest": publish.bundle_digest,
    }


def write_document(ports: RegistryPorts, publish_id: str, name: str, value: JsonObject) -> dict[str, str]:
    """Leaves a working document for later stages; returns its name with its digest, for the outcome."""
    data = canonical.compact(value)
    ports.blobs.put(keys.work(publish_id, name), data, content_type="application/json")
    return {name: integrity.sha256_digest(data)}


def read_document(given: StageInput, ports: RegistryPorts, name: str) -> JsonObject:
    """Returns the working document that an earlier stage left.

    Raises:
        ports.errors.Missing: it is gone.
        ExecutionError: no stage wrote it, or these are not the bytes that it wrote.
    """
    publish_id = given.publish.publish_id
    data = ports.blobs.get(keys.work(publish_id, name), max_bytes=MAX_WORK_BYTES)
    if not hmac.compare_digest(integrity.sha256_digest(data), given.digest_of(name)):
        raise ExecutionError(f"work document {name} of {publish_id} is not what its stage wrote")
    value = json.loads(data)
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
