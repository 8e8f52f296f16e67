"""Hypothesis strategies for the core's formats: names, versions, ranges, digests, locks."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from string import ascii_letters, ascii_lowercase
from string import digits as DIGITS

from hypothesis import strategies as st

from tank_core.findings import Verdict
from tank_core.integrity import sha256_digest, sha512_integrity
from tank_core.lockfile import LockedSkill, Lockfile
from tank_core.names import SkillName
from tank_core.permissions import PermissionSet
from tank_core.ranges import InvalidRangeError, Range
from tank_core.semver import MAX_NUMBER, Version
from tests.support.signatures import BUILD, PERSON

# Drawn as whole texts: ``from_regex`` draws every character by itself, and takes five times as long.
_LOWER_AND_DIGITS = ascii_lowercase + DIGITS
_LETTERS = ascii_letters + "-"
_WORD = st.lists(st.text(_LOWER_AND_DIGITS, min_size=1, max_size=8), min_size=1, max_size=3).map("-".join)
# Small numbers meet each other; large ones find rounding.
_NUMBER = st.one_of(st.integers(0, 3), st.integers(0, MAX_NUMBER))
_IDENTIFIER = st.integers(0, 12) | st.builds(
    "{}{}{}".format,
    st.text(DIGITS),
    st.sampled_from(_LETTERS),
    st.text(_LETTERS + DIGITS, max_size=4),
)
_BUILD = st.text(_LETTERS + DIGITS, min_size=1, max_size=5)

names = st.builds(SkillName, st.just("acme") | _WORD, _WORD).filter(
    lambda name: not {name.org, name.name} & {"con", "prn", "aux", "nul"} and str(name)[-1:].isalnum()
)
versions = st.builds(
    Version,
    _NUMBER,
    _NUMBER,
    _NUMBER,
    st.lists(_IDENTIFIER, max_size=3).map(tuple),
    st.lists(_BUILD, max_size=2).map(tuple),
)
digests = st.binary(max_size=8).map(sha256_digest)
integrities = st.binary(max_size=8).map(sha512_integrity)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_NUMBER, MAX_NUMBER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)

# Close together, so that ranges and versions often touch; pre-releases on every boundary.
near_versions = [
    f"{major}.{minor}.{patch}{prerelease}"
    for major in "012"
    for minor in "012"
    for patch in "02"
    for prerelease in ("", "-0", "-alpha", "-beta.2")
] + ["1.2.3+build", "3.0.0-0", "3.0.0", f"{MAX_NUMBER}.0.0"]

_RANGE_NUMBERS = ["0", "1", "2"] * 12 + ["x", "X", "*", "3", "01", str(MAX_NUMBER)]
_RANGE_OPERATORS = ["", "^", "~", ">", "<", ">=", "<=", "="] * 6 + [
    "~>", "==", "> ", ">= ", "^ ", "~ ", "> =", "~ > ", "^=", "*", "!", "><", ">*",
]  # fmt: skip
_RANGE_NOISE = " =<>~^*xv0.-+|\t"


def random_range(random: Random) -> str:
    """Returns a text of npm's grammar or of its neighbourhood: about half are valid."""
    text = " || ".join(_alternative(random) for _ in range(random.choice([1, 1, 1, 2, 3])))
    if random.random() < 0.1:
        at = random.randrange(len(text) + 1)
        text = text[:at] + random.choice(_RANGE_NOISE) + text[at:]
    return text


def _alternative(random: Random) -> str:
    if random.random() < 0.2:
        return _partial(random) + random.choice([" - ", "  -  ", "- "]) + _partial(random)
    count = random.choice([0, 1, 1, 1, 2, 3])
    return " ".join(random.choice(_RANGE_OPERATORS) + _partial(random) for _ in range(count))


def _partial(random: Random) -> str:
    parts = [random.choice(_RANGE_NUMBERS) for _ in range(random.choice([1, 2, 3, 3, 3]))]
    prefix = random.choice(["", "", "", "", "", "", "v", "=", "v=", "v "])
    prerelease = random.choice(["", "", "", "-0", "-alpha", "-beta.2", "-01"]) if len(parts) == 3 else ""
    return prefix + ".".join(parts) + prerelease + random.choice(["", "", "", "", "", "+b.1"])


def _valid_range(seed: int) -> str:
    random = Random(seed)  # noqa: S311 - for tests
    for _ in range(100):
        text = random_range(random)
        try:
            return str(Range.parse(text))
        except InvalidRangeError:
            continue
    return "*"


valid_range_texts = st.integers(0, 2**32).map(_valid_range)

permission_sets = st.sampled_from(
    [
        {},
        {"subprocess": ["git"]},
        {"network": {"outbound": ["api.example"]}, "secrets": ["API_TOKEN"]},
        {"filesystem": {"read": ["./src/**"], "write": ["./out/**"]}},
    ]
).map(lambda value: PermissionSet.from_json(value, "capabilities"))

_unsigned_skills = st.builds(
    LockedSkill,
    version=versions,
    integrity=integrities,
    digest=digests,
    size_bytes=st.integers(1, MAX_NUMBER),
    capabilities=permission_sets,
    dependencies=st.dictionaries(
        names, st.sampled_from(["^1.0.0", "*", "1.x || 2"]).map(Range.parse), max_size=3
    ),
    audit_score=st.none() | st.floats(0, 10),
    verdict=st.sampled_from(Verdict),
    publisher=st.sampled_from(["alice", "build-bot"]),
    attestations=st.builds(lambda digest: {"registry": digest}, digests),
    tree_hash=digests,
    flagged_accepted=st.booleans(),
)
locked_skills = _unsigned_skills | st.builds(
    lambda skill, bundle, signer: replace(
        skill, attestations={"bundle": bundle, **skill.attestations}, signer=signer
    ),
    _unsigned_skills,
    digests,
    st.sampled_from([BUILD.signer, PERSON.signer]),
)
locks = st.builds(
    Lockfile,
    registry=st.sampled_from(["https://registry.example", "http://127.0.0.1:8080/tank"]),
    skills=st.dictionaries(names, locked_skills, max_size=4),
)
