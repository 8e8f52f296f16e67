"""Programs of the operating system and of package managers that fetch code and run it in one go.

Two kinds. Tools of Windows and macOS that run what an address serves, used to get past whoever
watches shells: ``mshta``, ``regsvr32``, ``rundll32``, ``certutil``. And runners such as ``npx``,
``uvx``, ``deno run``, ``go run`` and ``docker run``, given an address instead of a name of a registry.
Read where commands are; in other code such words stand in lists of what to look for.

Source: the LOLBAS project for what each Windows tool can run; the manuals of the runners.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.hosts import DUMPS, STRANGE, is_placeholder, kind_of, mentions
from tank_core.analysis.own_hosts import is_foreign, is_named
from tank_core.analysis.package import Package
from tank_core.analysis.source import Language, Source

_COMMANDS = frozenset({Language.SHELL, Language.POWERSHELL, Language.BATCH, Language.VBSCRIPT})
_HOST = r"(?P<host>(?:[a-z0-9-]{1,63}\.){1,6}[a-z0-9]{2,24})"
_URL = rf"(?:git\+|sparse\+)?(?:https?|ssh|git)://(?:[\w.-]{{1,40}}@)?{_HOST}"
_TOOLS = re.compile(
    r"(?i)"
    # Script and library hosts, for which an address is a program.
    rf"\bmshta(?:\.exe)?[ \t]+[\"']?(?:{_URL}|(?:vbscript|javascript):)"
    rf"|\bregsvr32(?:\.exe)?\b[^\n]{{0,60}}/i:[\"']?{_URL.replace('host', 'host2')}"
    rf"|\brundll32(?:\.exe)?\b[^\n]{{0,60}}(?:\\{{2}}{_HOST.replace('host', 'host3')}|javascript:|https?:)"
    rf"|\b(?:wscript|cscript)(?:\.exe)?\b[^\n]{{0,60}}\\{{2}}{_HOST.replace('host', 'host4')}"
    rf"|\bmsiexec(?:\.exe)?\b[^\n]{{0,60}}{_URL.replace('host', 'host5')}"
    rf"|\bwmic\b[^\n]{{0,80}}/format:[\"']?{_URL.replace('host', 'host6')}"
    # Downloaders that nobody uses who has curl.
    rf"|\bcertutil(?:\.exe)?\b[^\n]{{0,60}}-urlcache\b[^\n]{{0,60}}{_URL.replace('host', 'host7')}"
    rf"|\bbitsadmin(?:\.exe)?\b[^\n]{{0,80}}/transfer\b[^\n]{{0,60}}{_URL.replace('host', 'host8')}"
)
_RUNNERS = re.compile(
    r"(?i)(?:^|[\s;&|`(\"'])(?:"
    r"(?:npx|bunx|pnpx|(?:pnpm|yarn)[ \t]+dlx|npm[ \t]+exec|uvx|pipx[ \t]+run|uv[ \t]+(?:run|tool[ \t]+run))"
    rf"\b[^\n;|&]{{0,120}}?[\s=\"']{_URL}"
    rf"|(?:deno|bun)[ \t]+(?:run|install|eval)\b[^\n;|&]{{0,120}}?[\s\"']{_URL.replace('host', 'host2')}"
    rf"|go[ \t]+(?:run|install|get)[ \t]+(?:-\S{{1,20}}[ \t]+){{0,4}}{_HOST.replace('host', 'host3')}/"
    rf"|cargo[ \t]+(?:install|add)\b[^\n;|&]{{0,80}}?--git[ =]{_URL.replace('host', 'host4')}"
    rf"|docker[ \t]+run\b[^\n;|&]{{0,300}}?[ \t]{_HOST.replace('host', 'host5')}(?::\d{{2,5}})?/[\w./-]{{2,80}}"
    rf"|(?:code|cursor|codium)[ \t]+--install-extension[ \t]+{_URL.replace('host', 'host6')}"
    r")"
)
# What gives a container the machine: its root, its engine, or all of its rights.
_IMAGE_RUN = re.compile(r"\b(?:docker|podman|nerdctl)[ \t]+run\b(?P<rest>[^\n]{0,600})")
_HOME_OR_ROOT = re.compile(r"(?:-v|--volume)[ =][\"']?(?:/|\$\{?HOME\}?|~|/(?:root|etc)):")
_ALL_RIGHTS = re.compile(r"/var/run/docker\.sock:|--privileged\b|--pid[ =]host")
_IMAGE = re.compile(
    r"(?<=[ \t])(?P<owner>[a-z0-9][\w-]{1,60})/[a-z0-9][\w.-]{1,80}(?::[\w.-]{1,60})?(?=\s|$|[\"'`])"
)


def run_by_system_tools(package: Package) -> Iterator[Hit]:
    """Yields system tools that are given a program at an address, unless a well-known host or the skill's own."""
    for source in _commands(package):
        for match in _TOOLS.finditer(source.text):
            if _is_wanted(match, package):
                yield hit_at(source, match.start())


def run_by_address(package: Package) -> Iterator[Hit]:
    """Yields package runners that are given an address of a strange host that does not fit the skill."""
    for source in _commands(package):
        for match in _RUNNERS.finditer(source.text):
            host = _host(match)
            if host and _is_wanted(match, package):
                yield hit_at(source, match.start(), evidence=match.group().strip())
        for match in re.finditer(r"\b(?:npx|bunx|uvx|deno|pipx)\b[^\n;|&]{0,120}", source.text):
            if any(m.kind in DUMPS for m in mentions(match.group())):
                yield hit_at(source, match.start())


def machine_for_an_image(package: Package) -> Iterator[Hit]:
    """Yields images of unknown owners that are given the machine: all of its rights, and its root or a home."""
    for source in _commands(package):
        for match in _IMAGE_RUN.finditer(source.text):
            rest = match["rest"]
            if not (_ALL_RIGHTS.search(rest) and _HOME_OR_ROOT.search(rest)):
                continue
            image = next(iter(_IMAGE.finditer(_without_mounts(rest))), None)
            if image is not None and not is_named(f"{image['owner']}.invalid", package):
                yield hit_at(source, match.start())


def _without_mounts(options: str) -> str:
    return re.sub(r"(?:-v|--volume|--mount)[ =]\S+", " ", options)


def _is_wanted(match: re.Match[str], package: Package) -> bool:
    host = _host(match)
    if not host:
        return True  # a script in the address itself, or a path of the network
    kind = kind_of(host)
    return kind in DUMPS or (kind in STRANGE and is_foreign(host, package) and not is_placeholder(host))


def _host(match: re.Match[str]) -> str:
    return next((host.lower() for host in match.groupdict().values() if host), "")


def _commands(package: Package) -> Iterator[Source]:
    return (source for source in package.sources if source.language in _COMMANDS)
