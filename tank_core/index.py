"""The index document: all that resolving and installing one skill takes, in one object.

One document per skill holds every version, lowest first, in compact canonical
JSON, so that the same catalog gives the same bytes and the same ETag. A withdrawn
version keeps its number and the reason, and no digest that would lead to bytes.

Reading is lazy: the number, the availability and the order of every version are
checked at once, the rest of a version when somebody first looks at it, because
resolving looks at few of them.

Source: DESIGN, "The install path touches no function and no database".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

from tank_core import canonical
from tank_core.declared import read_dependencies, read_digest, read_integrity, read_member, read_permissions
from tank_core.entities import Availability, SkillVersion, WaiverReference
from tank_core.errors import ExitCode, Problem, TankError, quoted
from tank_core.findings import Verdict
from tank_core.names import SkillName
from tank_core.permissions import NONE, PermissionSet
from tank_core.ranges import Range
from tank_core.semver import Version
from tank_core.shape import Reader
from tank_core.signed import read_signature
from tank_core.strict_json import MalformedJsonError, parse_json

if TYPE_CHECKING:
    from tank_core.signature import Signature

MAX_INDEX_BYTES = 16 * 1024 * 1024  # some five thousand versions, signed and with long permission lists
_DIGEST_KEYS = (
    "digest",
    "tree_hash",
    "attestation_digest",
    "manifest_digest",
    "sbom_digest",
    "findings_digest",
)
_TEXT_KEYS = ("package_ref", "deprecation", "description", "license")
_MAX_TEXT = 4096
_MAX_WAIVERS = 100  # over the years; a few at a time


class InvalidIndexError(TankError):
    """The registry served an index document that is not one, or that of another skill."""

    code = "invalid-index"
    status: ClassVar[int] = 502
    exit_code: ClassVar[ExitCode] = ExitCode.NETWORK


@dataclass(frozen=True, slots=True)
class IndexVersion:
    """One version of a skill, as the index tells it.

    From a document, only ``version``, ``availability`` and ``availability_reason`` are
    read at first; any other attribute reads and checks the rest, and may then raise
    InvalidIndexError. For a withdrawn version the rest is empty and its verdict ``fail``.

    Attributes:
        publisher: the publisher's id.
        published_at: whole seconds since the Unix epoch.
        bundle_digest: "" when the publisher did not sign.
        signature: who signed, as the registry tells it; None when the publisher did not sign.
        deprecation: the message; "" when not deprecated.
        unwaived_verdict: what the verdict would be without waivers; None when it rests on none.
        waivers: the signed waivers for these bytes, revoked ones too; whether one counts, its envelope says.
    """

    version: Version
    availability: Availability = Availability.AVAILABLE
    availability_reason: str = ""
    integrity: str = ""
    digest: str = ""
    size_bytes: int = 0
    tree_hash: str = ""
    capabilities: PermissionSet = NONE
    dependencies: dict[SkillName, Range] = field(default_factory=dict)
    audit_score: float | None = None
    verdict: Verdict = Verdict.FAIL
    publisher: str = ""
    published_at: int = 0
    attestation_digest: str = ""
    bundle_digest: str = ""
    signature: Signature | None = None
    manifest_digest: str = ""
    sbom_digest: str = ""
    findings_digest: str = ""
    package_ref: str = ""
    deprecation: str = ""
    description: str = ""
    license: str = ""
    unwaived_verdict: Verdict | None = None
    waivers: tuple[WaiverReference, ...] = ()
    _source: Reader | None = field(default=None, repr=False, compare=False)

    if not TYPE_CHECKING:  # for the type checker every attribute is simply there

        def __getattr__(self, name: str) -> object:
            """Fills the slots that are still empty; Python asks here only for those."""
            if name not in _DETAILS:
                raise AttributeError(name)
            for key, value in _read_details(self._source).items():
                object.__setattr__(self, key, value)
            return object.__getattribute__(self, name)

    @property
    def is_available(self) -> bool:
        """Whether it is neither yanked nor withdrawn."""
        return self.availability is Availability.AVAILABLE

    @property
    def is_resolvable(self) -> bool:
        """Whether it may be newly chosen: available, and not found to be malicious since; reads the details."""
        return self.is_available and self.verdict is not Verdict.FAIL


_SEEN_AT_ONCE = ("version", "availability", "availability_reason")
_DETAILS = frozenset(f.name for f in fields(IndexVersion)) - {*_SEEN_AT_ONCE, "_source"}


@dataclass(frozen=True, slots=True)
class IndexDocument:
    """All versions of a skill, lowest first."""

    name: SkillName
    versions: tuple[IndexVersion, ...]

    def version(self, version: Version) -> IndexVersion | None:
        """Returns one version, in whatever availability, or None."""
        return next((entry for entry in self.versions if entry.version == version), None)

    def highest(self, fits: Callable[[Version], bool] = lambda _: True) -> Version | None:
        """Returns the highest version that may be newly chosen and fits, stable or not; None for none."""
        found = (entry for entry in reversed(self.versions) if fits(entry.version) and entry.is_resolvable)
        return next((entry.version for entry in found), None)

    def newest(self) -> Version | None:
        """Returns the highest stable version that may be newly chosen, or the highest at all where none is."""
        return self.highest(lambda version: not version.is_prerelease) or self.highest()


def index_bytes(name: str, versions: Iterable[SkillVersion]) -> bytes:
    """Returns the index document of a skill: compact canonical JSON, versions lowest first.

    Args:
        name: ``@org/name``.
        versions: all published versions, in any order and availability.
    """
    ordered = sorted(versions, key=lambda version: Version.parse(version.version))
    return canonical.compact({"name": name, "versions": [_entry(version) for version in ordered]})


def parse_index(data: bytes, *, expected: SkillName | None = None) -> IndexDocument:
    """Returns an index document.

    Args:
        data: at most 16 MiB of JSON.
        expected: the skill that was asked for; a document of another one is refused.

    Raises:
        InvalidIndexError: ``invalid-index``; for the details of a version, only when they
            are looked at.
    """
    what = "the index document" if expected is None else f"the index document of {expected}"
    try:
        value = parse_json(data, what=what, max_bytes=MAX_INDEX_BYTES)
    except MalformedJsonError as error:
        raise _invalid(error.what, error.why) from error
    problems: list[Problem] = []
    reader = Reader.of(value, what, problems)
    name = reader.parsed("name", SkillName.parse)
    items = reader.values.get("versions")
    if not isinstance(items, list):
        reader.problem("versions", "is not a list", "Report it.")
        items = []
    read = [_read_entry(Reader.of(item, what, problems, (f"versions[{n}]",))) for n, item in enumerate(items)]
    _raise_if(problems, what)
    if name is None or (expected is not None and name != expected):
        raise _invalid(f"{what} is that of another skill", f"It says {quoted(str(name))}.")
    if any(not lower.version < higher.version for lower, higher in pairwise(read)):
        raise _invalid(f"{what} is out of order", "Versions ascend, and each stands there once.")
    return IndexDocument(name, tuple(read))


def _entry(version: SkillVersion) -> dict[str, Any]:
    """Returns a version's object in the document."""
    seen_at_once: dict[str, Any] = {
        "version": version.version,
        "availability": str(version.availability),
        "availability_reason": _plain(version.availability_reason),
    }
    if version.availability is Availability.WITHDRAWN:
        return seen_at_once
    same_name = ("integrity", "size_bytes", "capabilities", "dependencies", "audit_score", "published_at")
    return {
        **seen_at_once,
        **{key: getattr(version, key) for key in (*same_name, *_DIGEST_KEYS, "bundle_digest")},
        **{key: _plain(getattr(version, key)) for key in _TEXT_KEYS},
        **({"signature": version.signature} if version.signature else {}),
        "publisher": version.publisher_id,
        "verdict": str(version.verdict),
        **({"unwaived_verdict": str(version.unwaived_verdict)} if version.unwaived_verdict else {}),
        **({"waivers": [_waiver(waiver) for waiver in version.waivers]} if version.waivers else {}),
    }


def _waiver(waiver: WaiverReference) -> dict[str, Any]:
    revoked = {"revoked_at": waiver.revoked_at, "revocation": _plain(waiver.revocation)}
    is_revoked = waiver.revoked_at is not None
    return {"digest": waiver.digest, "counted": waiver.counted, **(revoked if is_revoked else {})}


def _read_entry(reader: Reader) -> IndexVersion:
    """Returns a version whose details are still to be read."""
    entry = object.__new__(IndexVersion)
    for key, value in (
        ("version", reader.parsed("version", Version.parse)),
        ("availability", read_member(reader, "availability", Availability)),
        ("availability_reason", _text(reader, "availability_reason")),
        ("_source", reader),
    ):
        object.__setattr__(entry, key, value)
    if entry.availability is Availability.WITHDRAWN:
        nothing = IndexVersion(entry.version)
        for key in _DETAILS:
            object.__setattr__(entry, key, getattr(nothing, key))
    return entry


def _read_details(found: Reader) -> dict[str, object]:
    problems: list[Problem] = []
    reader = Reader(found.values, found.document, problems, found.path)
    publisher = reader.required_string("publisher")
    bundle_digest = read_digest(reader, "bundle_digest", is_optional=True)
    details: dict[str, object] = {
        "integrity": read_integrity(reader, "integrity"),
        **{key: read_digest(reader, key) for key in _DIGEST_KEYS},
        "bundle_digest": bundle_digest,
        "signature": read_signature(reader, "signature", publisher=publisher, bundle_digest=bundle_digest),
        "size_bytes": reader.integer("size_bytes", minimum=1),
        "capabilities": read_permissions(reader, "capabilities"),
        "dependencies": read_dependencies(reader, "dependencies"),
        "audit_score": reader.optional_number("audit_score", minimum=0.0, maximum=10.0, is_nullable=True),
        "verdict": read_member(reader, "verdict", Verdict),
        "unwaived_verdict": (
            read_member(reader, "unwaived_verdict", Verdict) if "unwaived_verdict" in reader.values else None
        ),
        "waivers": _read_waivers(reader),
        "publisher": publisher,
        "published_at": reader.integer("published_at"),
        **{key: _text(reader, key) for key in _TEXT_KEYS},
    }
    _raise_if(problems, found.document)
    return details


def _read_waivers(reader: Reader) -> tuple[WaiverReference, ...]:
    items = reader.values.get("waivers", [])
    if not isinstance(items, list) or len(items) > _MAX_WAIVERS:
        reader.problem("waivers", f"is not a list of at most {_MAX_WAIVERS}", "Report it.")
        return ()
    return tuple(
        _read_waiver(Reader.of(item, reader.document, reader.problems, (*reader.path, f"waivers[{number}]")))
        for number, item in enumerate(items)
    )


def _read_waiver(reader: Reader) -> WaiverReference:
    is_revoked = "revoked_at" in reader.values
    return WaiverReference(
        digest=read_digest(reader, "digest"),
        counted=reader.boolean("counted"),
        revoked_at=reader.integer("revoked_at") if is_revoked else None,
        revocation=_text(reader, "revocation"),
    )


def _text(reader: Reader, key: str) -> str:
    return reader.optional_string(key, max_length=_MAX_TEXT) or ""


def _plain(text: str) -> str:
    """Returns a text that readers accept: no stored reason may make a skill's whole document unreadable."""
    return "".join(c if c.isprintable() else " " for c in text)[:_MAX_TEXT]


def _raise_if(problems: list[Problem], what: str) -> None:
    if problems:
        first = problems[0]
        raise _invalid(f"{what} is malformed", f"{first.where} {first.what}.", tuple(problems))


def _invalid(what: str, why: str, problems: tuple[Problem, ...] = ()) -> InvalidIndexError:
    fix = "Try again; if it stays, report it to the registry's operator."
    return InvalidIndexError(what, why=why, fix=fix, problems=problems)
