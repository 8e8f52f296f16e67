"""Packages that a skill brings along: names that imitate well-known ones, and sources that are not pinned."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.detectors.installed_names import installed
from tank_core.analysis.detectors.popular_names import NPM, PYPI, VENDORS
from tank_core.analysis.identity import identity_of
from tank_core.analysis.package import Package
from tank_core.analysis.prose import paragraphs
from tank_core.analysis.source import Language, Source

_PIP = re.compile(r"\b(?:pip3?|uv pip|uv|pipx|poetry) (?:install|add)\s+(?P<names>[^\n;|&`]{1,400})")
_NPM = re.compile(
    r"\b(?:npm|pnpm|yarn|bun) (?:install|i|add)\s+(?P<names>[^\n;|&`]{1,400})|\b(?:npx|bunx|pnpm dlx)\s+(?:-y\s+|"
    r"--yes\s+)?(?P<runs>[\w@./-]{2,100})"
)
_REQUIREMENT = re.compile(
    r"^[ \t]{0,40}(?P<name>[A-Za-z0-9][\w.-]{1,80})\s*(?:\[[^\]\n]{0,80}\])?\s*(?:[=<>~!]=?|$|;|#)",
    re.MULTILINE,
)
_REPLACES = re.compile(r"(?i)\b(?:replace|swap|substitute|exchange|switch)\b")
_WARNS = re.compile(
    r"(?i)\b(?:typo\w*|squat\w*|malicious|attack\w*|detect\w*|imitat\w*|lookalike|look-alike|legitimate)\b"
)
_SWAP = re.compile(
    r"(?i)[`\"'](?P<known>@?[\w./-]{3,40})[`\"'] (?:by|with|to) [`\"'](?P<other>@?[\w./-]{3,60})[`\"']"
)
_OPTION_WITH_VALUE = frozenset(
    {
        "-r",
        "--requirement",
        "-i",
        "--index-url",
        "--extra-index-url",
        "-c",
        "-t",
        "--target",
        "--prefix",
        "--registry",
        "-e",
    }
)


def imitated_packages(package: Package) -> Iterator[Hit]:
    """Yields packages whose name is one slip away from a well-known one."""
    for source in package.sources:
        for name, offset in _python_names(source):
            imitated = _imitated(name, PYPI)
            if imitated:
                yield hit_at(source, offset, evidence=f"{name} looks like {imitated}")
        for name, offset in _npm_names(source):
            imitated = _imitated(name, NPM)
            if imitated:
                yield hit_at(source, offset, evidence=f"{name} looks like {imitated}")
    yield from _swapped(package)
    for one in installed(package):
        imitated = _imitated(one.name, one.popular)
        if imitated:
            yield hit_at(one.source, one.offset, evidence=f"{one.name} looks like {imitated}")


def _swapped(package: Package) -> Iterator[Hit]:
    """Yields orders to replace several well-known packages by ones that are named after them."""
    for source, offset, paragraph in paragraphs(package):
        swaps = [match for match in _SWAP.finditer(paragraph) if _is_named_after(match)]
        if len(swaps) > 1 and _REPLACES.search(paragraph) and not _WARNS.search(paragraph):
            first = swaps[0]
            evidence = f"{first['other']} in place of {first['known']}"
            yield hit_at(source, offset + first.start("other"), evidence=evidence)


def _is_named_after(swap: re.Match[str]) -> bool:
    known, other = swap["known"].lower(), swap["other"].lower()
    is_known = known in PYPI | NPM and other not in PYPI | NPM
    return is_known and (known in other or _is_slip(known, other) or known[:6] == other[:6])


def imitated_vendors(package: Package) -> Iterator[Hit]:
    """Yields skills whose name is one slip away from a vendor's."""
    for source in package.sources:
        match = re.match(r"\A---\n(?:[^\n]*\n){0,20}?name:\s*[\"']?(?P<name>[\w-]{3,64})", source.text)
        if source.file.lower() != "skill.md" or not source.is_whole_file or match is None:
            continue
        for word in match["name"].lower().split("-"):
            imitated = _imitated(word, VENDORS)
            if imitated and not re.search(
                rf"(?i)\b{re.escape(word)}\b", identity_of(package).replace(match["name"], "")
            ):
                yield hit_at(
                    source, match.start("name"), evidence=f"{match['name']}: {word} looks like {imitated}"
                )


def _python_names(source: Source) -> Iterator[tuple[str, int]]:
    if source.language is Language.SHELL:
        for match in _PIP.finditer(source.text):
            yield from _listed(match["names"], match.start())
    if source.is_whole_file and re.search(r"(?i)requirements[\w.-]*\.(?:txt|in)$", source.file):
        for match in _REQUIREMENT.finditer(source.text):
            yield match["name"].lower(), match.start("name")


def _npm_names(source: Source) -> Iterator[tuple[str, int]]:
    if source.language is Language.SHELL:
        for match in _NPM.finditer(source.text):
            yield from _listed(match["names"] or match["runs"], match.start())
    if source.is_whole_file and source.file.rsplit("/", 1)[-1] == "package.json":
        for match in re.finditer(
            r"\"(?:dev|peer|optional)?[dD]ependencies\"\s*:\s*\{(?P<body>[^}]{0,20000})\}", source.text
        ):
            for entry in re.finditer(r"\"(?P<name>[@\w./-]{2,100})\"\s*:", match["body"]):
                yield entry["name"].lower(), match.start("body") + entry.start()


def _listed(words: str, offset: int) -> Iterator[tuple[str, int]]:
    previous = ""
    for word in words.split():
        name = re.split(r"(?<=.)[@=<>~!\[]", word.strip("\"'"))[0].lower()
        if (
            not word.startswith("-")
            and previous not in _OPTION_WITH_VALUE
            and re.fullmatch(r"@?[\w./-]{2,100}", name)
        ):
            yield name, offset
        previous = word


def _imitated(name: str, popular: frozenset[str]) -> str:
    """Returns the well-known name that a name is one slip away from; empty when there is none."""
    folded = name.replace("_", "-")
    if folded in popular or name in popular or len(folded) < 5:
        return ""
    if folded.replace("0", "o").replace("1", "l") in popular:
        return folded.replace("0", "o").replace("1", "l")
    return next((known for known in sorted(popular) if len(known) >= 5 and _is_slip(folded, known)), "")


def _is_slip(one: str, other: str) -> bool:
    """Whether a letter is added, left out, changed, or swapped with its neighbour."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    if len(one) == len(other):
        different = [i for i in range(len(one)) if one[i] != other[i]]
        if len(different) == 1:
            return len(one) > 6
        return (
            len(different) == 2
            and different[1] == different[0] + 1
            and one[different[0]] == other[different[1]]
            and one[different[1]] == other[different[0]]
        )
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return len(shorter) > 5 and any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))
