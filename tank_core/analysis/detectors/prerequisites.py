"""Downloads that a skill demands before it works: the commonest way of malicious skills.

The skill itself is clean; its text says that a "prerequisite" must be downloaded and
run first, from a host nobody knows, from a release page, or in an archive with a
password, which keeps scanners out. Read in prose and fenced blocks of Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from tank_core.analysis.detectors import verbs
from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.hosts import STRANGE, HostKind, Mention, is_placeholder, mentions
from tank_core.analysis.identity import identity_of
from tank_core.analysis.own_hosts import label_of, unvouched_hosts
from tank_core.analysis.package import Package
from tank_core.analysis.prose import paragraphs
from tank_core.analysis.source import Language, Source

_PACKED = re.compile(
    r"(?i)\.(?:zip|rar|7z|exe|msi|msix|dmg|pkg|mpkg|scr|bat|cmd|ps1|vbs|iso|img|apk|jar|command|app|appimage|deb|rpm|"
    r"crx|xpi|vsix|sh|run|bin|lnk|hta)(?:[?#.,:;]|$)"
)
_SCRIPT = re.compile(r"(?i)\.(?:py|pyz|js|mjs|rb|pl|php|lua|tgz|tar\.\w{2,3})(?:[?#.,:;]|$)")
_DEMAND = re.compile(
    r"(?i)\b(?:pre-?requisites?|required?|requires|must|mandatory|necessary|needed|before (?:you )?(?:using|use|"
    r"start\w*|running|run)|first|won'?t work|will not work|cannot work|important|setup|install(?:ation|er)?)\b"
)
_ACTION = re.compile(
    r"(?i)\b(?:download|install|extract|unzip|run|execute|launch|open|paste|copy|get|visit)\b"
)
_PASSWORD = re.compile(
    r"(?i)\b(?:extract|unzip|unpack|unrar|archive|zip|decompress)\b[^\n]{0,160}\b(?:password|passphrase|pass)\b"
    r"|\b(?:password|passphrase|pass)\b[^\n]{0,80}\b(?:archive|zip|extract\w*|unzip|unpack|rar)\b"
    r"|\bunzip\s+(?:-\w+\s+)*-P\b|\b7z[ar]?\s+x\b[^\n]{0,100}\s-p\S|\bunrar\s+x\b[^\n]{0,100}\s-p\S"
)
_DOWNLOAD_LINK = re.compile(r"(?i)\.(?:zip|rar|7z)\b|/releases/|\bdownload\b|\bcurl\b|\bwget\b")
_ARCHIVE = re.compile(r"(?i)\bhttps?://[^\s)]{4,200}(?:\.(?:zip|rar|7z|iso|dmg|exe)\b|/releases/)")
_LINKED = re.compile(r"(?i)\bhttps?://[^\s)]{4,200}[^\n]{0,40}\Z")
_PASTE = re.compile(
    r"(?i)\b(?:paste|copy)\b[^\n]{0,120}\b(?:terminal|command prompt|powershell|console|shell)\b"
)
_ADDRESS = re.compile(r"(?i)\bhttps?://[^\s)>\]]{1,300}")
_PICTURE = re.compile(r"(?i)\.(?:png|jpe?g|gif|svg|webp|mp4|webm)(?:[?#]|$)")
_LINES_AROUND = 4
_MAX_LINKS = 8  # of a paragraph that is a demand
# Registries whose names are taken by who came first, and are looked after.
_INSTALLS = (
    r"\b(?:brew install|cargo b?install|pipx install|uv tool install|(?:apt|apt-get|dnf|apk) (?:install|add))"
)
_SHORTEST_NAME = 4
_RELEASE = re.compile(r"/releases/(?:download|latest)|/raw/|/archive/")


def from_unusual_host(package: Package) -> Iterator[Hit]:
    """Yields demanded downloads of programs or archives from hosts that are not well known.

    In any language that ``verbs`` knows; behind a plain link only where the text does not
    speak of the host by its name, as one does of a vendor.
    """
    foreign = unvouched_hosts(package)

    def is_wanted(mention: Mention) -> bool:
        return mention.kind in STRANGE and mention.host in foreign and not is_placeholder(mention.host)

    yield from _demands(package, lambda mention: is_wanted(mention) and bool(_PACKED.search(mention.path)))
    for source, offset, paragraph in paragraphs(package):
        found = list(islice(mentions(paragraph), _MAX_LINKS + 1))
        for mention in found if len(found) <= _MAX_LINKS else ():  # a list of links demands nothing
            words = paragraph.replace(mention.url, " ")
            if (
                is_wanted(mention)
                and verbs.DOWNLOAD.search(words)
                and verbs.RUN.search(words)
                and (
                    _PACKED.search(mention.path)
                    or _SCRIPT.search(mention.path)
                    or _is_unsaid(package, mention)
                )
            ):
                yield hit_at(source, offset + mention.offset)


def from_paste_site(package: Package) -> Iterator[Hit]:
    """Yields demands to fetch a command from a paste or short-link site."""
    return _demands(
        package,
        lambda mention: (
            mention.kind is HostKind.DROP
            and not mention.path.startswith("/search")
            and not _PICTURE.search(mention.path)
            and not _is_tunnel(mention)
        ),
    )


def from_release_archive(package: Package) -> Iterator[Hit]:
    """Yields demanded downloads of programs or archives from hosts that anybody may upload to."""
    return _demands(
        package,
        lambda mention: (
            mention.kind is HostKind.FORGE
            and bool(_PACKED.search(mention.path) and _RELEASE.search(mention.path))
            and not _fits(package, mention)
            and not _is_packaged(package, mention)
        ),
    )


def password_protected_archive(package: Package) -> Iterator[Hit]:
    """Yields archives to extract with a password, in a text that also downloads one."""
    for source in _documents(package):
        if not _DOWNLOAD_LINK.search(source.text) or not any(mentions(source.text)):
            continue
        for match in _passwords(source):
            around = _around(source, source.line_at(match.start()))
            if _DOWNLOAD_LINK.search(around) and (_ACTION.search(around) or verbs.UNPACK.search(around)):
                yield hit_at(source, match.start())
                break


def _passwords(source: Source) -> Iterator[re.Match[str]]:
    """Yields where a password of an archive is spoken of, or given beside an archive in any language."""
    yield from _PASSWORD.finditer(source.text)
    for match in verbs.PASSWORD_GIVEN.finditer(source.text):
        around = _around(source, source.line_at(match.start()))
        before = source.text[max(0, match.start() - 300) : match.start()]
        is_linked = _ARCHIVE.search(around) or _LINKED.search(before)
        if is_linked and (verbs.UNPACK.search(around) or verbs.RUN.search(around)):
            yield match


def _is_unsaid(package: Package, mention: Mention) -> bool:
    """Whether no word of the package's Markdown, apart from addresses, is the name of whom the host belongs to."""
    label = re.sub(r"[^a-z0-9]", "", label_of(mention.host))
    words = (_ADDRESS.sub(" ", source.text).lower() for source in _documents(package))
    return not any(label in re.sub(r"[^a-z0-9\n]", "", text) for text in words)


def _fits(package: Package, mention: Mention) -> bool:
    """Whether the repository that a download comes from is the one that the skill is about."""
    named = re.sub(r"[^a-z0-9]", "", identity_of(package).lower())
    parts = [re.sub(r"[^a-z0-9]", "", part.lower()) for part in mention.path.split("/")[1:3]]
    return len(parts) == 2 and len(parts[1]) > 3 and parts[1] in named


def _is_packaged(package: Package, mention: Mention) -> bool:
    """Whether a text also installs the repository's program by its name from a package registry."""
    repository = mention.path.split("/")[2:3]
    name = re.escape(repository[0].lower()) if repository else ""
    installs = re.compile(rf"{_INSTALLS}(?:\s+-\S+)*\s+(?:[\w.@/-]+\s+){{0,3}}{name}(?![\w/-])")
    return len(name) >= _SHORTEST_NAME and any(
        installs.search(source.text.lower()) for source in _documents(package)
    )


def _is_tunnel(mention: Mention) -> bool:
    """Whether the address is a tunnel without a file behind it, as a program that opens one prints it."""
    return mention.path in {"", "/"} and mention.host.count(".") > 1


def _demands(package: Package, is_wanted: Callable[[Mention], bool]) -> Iterator[Hit]:
    for source in _documents(package):
        for mention in mentions(source.text):
            if not is_wanted(mention):
                continue
            line = source.line_at(mention.offset)
            around = _around(source, line)
            if _DEMAND.search(around) and (_ACTION.search(around) or _PASTE.search(around)):
                yield hit_at(source, mention.offset)


def _documents(package: Package) -> Iterator[Source]:
    return (s for s in package.sources if s.language is Language.MARKDOWN and s.is_file_text)


def _around(source: Source, line: int) -> str:
    return "\n".join(source.lines[max(0, line - 1 - _LINES_AROUND) : line + _LINES_AROUND])
