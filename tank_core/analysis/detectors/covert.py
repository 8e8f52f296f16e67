"""What code does out of sight: a covert fact, and with it an act that it covers.

Honest programs start processes in the background, look whether they run in continuous
integration, delete their temporary files and install timers. What is judged is one of these
together with an act that needs no cover: data or code that comes from or goes to a host of
which the skill does not speak, code that is decoded and run, something that is destroyed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.detectors.unmentioned import is_unmentioned
from tank_core.analysis.disclosure import Subject, speaks_of
from tank_core.analysis.facts import FactKind, facts_of
from tank_core.analysis.hosts import DUMPS, STRANGE, reached
from tank_core.analysis.observers.code import without_comments
from tank_core.analysis.own_hosts import foreign_hosts, is_named
from tank_core.analysis.package import Package
from tank_core.analysis.source import Language, Source

_REACHES = frozenset({FactKind.SENDS, FactKind.FETCHES})
_HARMS = frozenset({FactKind.DESTROYS, FactKind.DELETES_BROADLY, FactKind.LOCKS_FILES})
_RUNS_DECODED = frozenset({FactKind.DECODES, FactKind.RUNS_CODE})
_COVERS_STAYING = frozenset({FactKind.HIDES_PROGRAM, FactKind.COPIES_ITSELF, FactKind.WIPES_TRACES})
_TAKES_AWAY = re.compile(
    r"\bos\.(?:remove|unlink|replace|rename)\s*\(|\.(?:unlink|rename)\s*\(|\brm\s+-?|\bshred\b|\bRemove-Item\b|"
    r"\b(?:unlink|rm|rename)Sync\s*\(|\bFile\.delete\b|\bos\.(?:Remove|Rename)\s*\(|\bmv\s"
)
_WALKS = re.compile(
    r"\bos\.walk\b|\brglob\b|\bglob\b|\bfind\s|\bGet-ChildItem\b|\breaddir\w*\b|\bfilepath\.Walk|\bDir\.glob\b|"
    r"\bscandir\b|\blistdir\b"
)
_RUNS_EACH_TIME = re.compile(
    r"(?:\*\s+\*\s|@(?:reboot|hourly|daily)\b|\bExec(?:Start)?=|[\"']command[\"']\s*:|\\Run(?:Once)?\b|/tr\s|"
    r"\bProgramArguments\b|\.(?:bash|zsh)rc\b|\bProxyCommand\b|\bpost-\w+\b|\bpre-\w+\b)[^\n]{0,200}"
    r"(?:\b(?:curl|wget)\b[^\n]{0,160}\|\s*(?:(?:ba|z|da)?sh|python[\d.]*|node|perl)\b|\b(?:iwr|irm|Invoke-WebRequest|DownloadString)\b|"
    r"\burlopen\b[^\n]{0,120}\bexec\b|\bexec\b[^\n]{0,120}\burlopen\b)|"
    # ... or in what is written there: a script of its own, a line that every interpreter reads.
    r"[\"'`]#!/[^\n]{0,40}\\n[^\n]{0,200}\b(?:curl|wget)\b[^\n]{0,160}\|\s*(?:(?:ba|z|da)?sh|python[\d.]*|node|perl)\b|"
    r"\.pth\b[^\n]{0,80}(?:\n[^\n]{0,160}){0,3}?\bexec\([^\n]{0,60}\burlopen\b"
)


# Another interpreter is given a program that is no literal.
_TEXT_RUN = re.compile(
    r"\bsys\.executable\s*,\s*[\"']-c[\"']\s*,\s*(?![\"'fFrRbB])\w|"
    r"\bprocess\.execPath\s*,\s*\[\s*[\"'](?:-e|--eval)[\"']\s*,\s*(?![\"'`])\w"
)
_BUNDLE = 150_000  # characters of a file that is no script any more
_NEAR = 4000  # characters around a place that belong to it there
# Whose owner may log in wherever it is added, and an account that the script's author knows how to enter.
_PUBLIC_KEY = re.compile(
    r"(?:\\n|\b)(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-nistp\d{3}|sk-ssh-ed25519@\S{1,20})\s+AAAA[\w+/]{40,}"
)
_OWN_ACCOUNT = re.compile(
    r"\buseradd\b[^\n]{0,120}\s-u\s*0\b|\b(?:echo|printf)\s+[\"']?(?!\$)[\w-]{1,32}:(?!\$)[^\s\"'$|]{4,64}[\"']?\s*\|"
    r"\s*(?:sudo\s+)?chpasswd\b|(?i:\bnet\s+user\s+[\w-]{1,32}\s+[^\s$%/\"']{4,64}\s+/add\b)"
)


def looks_around_first(package: Package) -> Iterator[Hit]:
    """Yields code that looks who watches, where it runs or when, and acts out of the user's sight."""
    return _covered(package, FactKind.LOOKS_AROUND, _HARMS)


def wipes_its_traces(package: Package) -> Iterator[Hit]:
    """Yields code that removes itself or a record of what was run, and acts out of the user's sight."""
    return _covered(package, FactKind.WIPES_TRACES, frozenset())


def runs_unseen(package: Package) -> Iterator[Hit]:
    """Yields code that starts a process nobody sees, of a text or with a host that the skill does not name."""
    for source in _code(package):
        fact = _first(source, FactKind.RUNS_UNSEEN)
        if fact is not None and (_reaches_unmentioned(package, source) or _TEXT_RUN.search(source.text)):
            yield hit_at(source, fact)


def stays_hidden(package: Package) -> Iterator[Hit]:
    """Yields code that plants what runs again, from a hidden place, as a copy of itself, or from decoded text."""
    for source in _code(package):
        planted = _first(source, FactKind.PERSISTS)
        if planted is not None and (_kinds(source) & _COVERS_STAYING or _decodes_into_shell(source)):
            yield hit_at(source, planted)


def stays_to_fetch(package: Package) -> Iterator[Hit]:
    """Yields code that plants a download which is run each time, or of which no word of the skill speaks."""
    is_announced = speaks_of(package, Subject.STAYING)
    foreign = foreign_hosts(package)
    for source in _code(package):
        planted = _first(source, FactKind.PERSISTS)
        strange = [m for m in reached(without_comments(source)) if m.kind in STRANGE]
        if planted is None or not strange:
            continue
        if _RUNS_EACH_TIME.search(source.text) or (
            not is_announced
            and any(m.host in foreign for m in strange)
            and _reaches_unmentioned(package, source)
        ):
            yield hit_at(source, planted)


def stays_unannounced(package: Package) -> Iterator[Hit]:
    """Yields scripts that plant what runs again, in a skill whose words say nothing of it."""
    return _unannounced(package, FactKind.PERSISTS, Subject.STAYING)


def opens_unannounced(package: Package) -> Iterator[Hit]:
    """Yields scripts that give out rights or a way to log in, in a skill whose words say nothing of it."""
    yield from _unannounced(package, FactKind.GAINS_RIGHTS, Subject.RIGHTS)
    yield from _unannounced(package, FactKind.OPENS_LOGIN, Subject.LOGIN_KEYS)


def destroys_unannounced(package: Package) -> Iterator[Hit]:
    """Yields scripts that destroy the user's files or the system, in a skill whose words say nothing of it."""
    return _unannounced(package, FactKind.DESTROYS, Subject.DESTROYING)


def locks_unannounced(package: Package) -> Iterator[Hit]:
    """Yields scripts that walk through files, encrypt them and take the originals, without a word of it."""
    if speaks_of(package, Subject.LOCKING):
        return
    for source in _scripts(package):
        offset = _first(source, FactKind.LOCKS_FILES)
        text = without_comments(source)
        if offset is not None and _WALKS.search(text) and _TAKES_AWAY.search(text):
            yield hit_at(source, offset)


def login_key_from_network(package: Package) -> Iterator[Hit]:
    """Yields code that lets somebody log in whom the publisher chose.

    With a key that is fetched from a host which the skill does not name, with one that the script
    holds, or as an account with the rights of root or a password that stands there.
    """
    for source in _code(package):
        opened = _first(source, FactKind.OPENS_LOGIN)
        if opened is not None and (
            _reaches_unmentioned(package, source) or _PUBLIC_KEY.search(without_comments(source))
        ):
            yield hit_at(source, opened)
    for source in _scripts(package):
        account = _OWN_ACCOUNT.search(without_comments(source))
        if account:
            yield hit_at(source, account.start())


def _covered(package: Package, cover: FactKind, acts: frozenset[FactKind]) -> Iterator[Hit]:
    for source in _code(package):
        offset = _first(source, cover)
        if offset is None:
            continue
        if len(source.text) > _BUNDLE:  # many libraries in one file: what stands far away is another one's
            start = max(0, offset - _NEAR)
            source_near = source.text[start : offset + _NEAR]
            if not any(
                is_unmentioned(mention, package) or mention.kind in DUMPS for mention in reached(source_near)
            ):
                continue
        kinds = _kinds(source)
        if kinds & acts or kinds >= _RUNS_DECODED or _reaches_unmentioned(package, source):
            yield hit_at(source, offset)


def _unannounced(package: Package, kind: FactKind, subject: Subject) -> Iterator[Hit]:
    if speaks_of(package, subject):
        return
    for source in _scripts(package):
        offset = _first(source, kind)
        if offset is not None:
            yield hit_at(source, offset)


def _reaches_unmentioned(package: Package, source: Source) -> bool:
    if not _kinds(source) & _REACHES:
        return False
    return any(
        is_unmentioned(mention, package) or (mention.kind in DUMPS and not is_named(mention.host, package))
        for mention in reached(without_comments(source))
    )


def _decodes_into_shell(source: Source) -> bool:
    return (
        source.is_decoded
        or re.search(
            r"\bbase64\s+(?:-d|-D|--decode)\b[^\n]{0,40}\|\s*(?:ba|z)?sh\b|"
            r"\beval\b[^\n]{0,80}\bbase64\b",
            source.text,
        )
        is not None
    )


def _first(source: Source, kind: FactKind) -> int | None:
    return next((fact.offset for fact in facts_of(source) if fact.kind is kind), None)


def _kinds(source: Source) -> frozenset[FactKind]:
    return frozenset(fact.kind for fact in facts_of(source))


def _code(package: Package) -> Iterator[Source]:
    return (s for s in package.sources if s.language.is_code and not s.is_part_of_code)


def _scripts(package: Package) -> Iterator[Source]:
    """Yields code outside Markdown: what stands there is before the eyes of whoever reads it."""
    markdown = {s.file for s in package.sources if s.is_whole_file and s.language is Language.MARKDOWN}
    return (s for s in _code(package) if s.file not in markdown)
