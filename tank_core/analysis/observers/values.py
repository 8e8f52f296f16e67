"""What an expression of code may evaluate to, as far as its text tells.

A value is a tuple of texts, one for each alternative (two assignments, two arms of a
conditional). What is only known when the code runs stands in a text as ``HOLE``, so
that ``f"{BASE}/users/{name}"`` is ``https://api.example/users/`` and a hole: the host
is known though the path is not. Every combination is bounded; what exceeds a bound
becomes a hole, never an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

HOLE = "\x00"  # cannot stand in a text: ``content.text_of`` takes it out
Values = tuple[str, ...]
UNKNOWN: Values = (HOLE,)
MAX_ALTERNATIVES = 8
_MAX_TEXT = 600  # characters of one value: more than any address or path needs

_SCHEMES = (
    r"(?:https?|wss?|ftps?|sftp|ssh|git|tcp|udp|smtps?|imaps?|ldaps?|rediss?|mongodb(?:\+srv)?|postgres(?:ql)?"
    r"|mysql|amqps?|mqtts?|socks5h?|grpcs?|rtsp)"
)
_AUTHORITY = r"(?P<host>\[[0-9a-f:.]{2,45}\]|[a-z0-9_*\x00][a-z0-9._\x00-]{0,252})(?::(?P<port>\d{1,5}))?"
_URL = re.compile(
    rf"(?i)(?<![a-z0-9+.-])(?:git\+)?{_SCHEMES}://(?:[^\s/@\"'`<>?#]{{1,80}}@)?{_AUTHORITY}(?![\w{{$<%*])"
)
_BARE = re.compile(rf"(?i)(?://)?(?:[^\s/@]{{1,80}}@)?{_AUTHORITY}(?:[/?#:\x00][^\s]{{0,400}})?")
_TOP_LEVEL = re.compile(r"(?i)[a-z][a-z0-9-]{1,62}")
_NUMERIC = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_FILE_ENDING = re.compile(
    r"(?i)\.(?:py|js|ts|json|ya?ml|md|txt|html?|sh|csv|log|lock|toml|cfg|ini|xml|conf|sql|pem|key"
    r"|crt|zip|gz|tgz|tar"
    r"|png|jpe?g|gif|svg|pdf|css|mjs|cjs|jsx|tsx|rb|php|go|rs|exe|dmg|deb|rpm|whl|bin|out|bak|tmp"
    r"|env|db|sqlite)$"
)


def bounded(texts: Iterable[str]) -> Values:
    """Returns different texts in their order, at most eight; unknown when there is none."""
    found: dict[str, None] = {}
    for text in texts:
        found.setdefault(text[:_MAX_TEXT])
        if len(found) == MAX_ALTERNATIVES:
            break
    return tuple(found) or UNKNOWN


def joined(parts: Iterable[Values], between: str = "") -> Values:
    """Returns every way to write the parts one after the other."""
    results: Values = ("",)
    for position, part in enumerate(parts):
        glue = between if position else ""
        results = bounded(left + glue + right for left in results for right in part)
    return results


def path_joined(parts: Iterable[Values]) -> Values:
    """Returns path segments joined with a slash each; an absolute one starts anew."""
    results: Values = ("",)
    for part in parts:
        results = bounded(_path(left, right) for left in results for right in part)
    return results


def _path(left: str, right: str) -> str:
    if not left or right.startswith(("/", "~")):
        return right
    return left.rstrip("/") + "/" + right


def resolved(base: Values, path: Values) -> Values:
    """Returns paths resolved against base URLs, as far as the host needs it."""
    return bounded(_against(root, rest) for root in base for rest in path)


def _against(base: str, path: str) -> str:
    if "://" in path[:12]:
        return path
    match = _URL.match(base)
    return (match.group() if match else HOLE) + "/" + path.lstrip("/")


def is_known(values: Values) -> bool:
    """Returns whether any alternative has a text that is known from its beginning."""
    return any(text and not text.startswith(HOLE) for text in values)


def host_of_url(text: str) -> str | None:
    """Returns the ``network.outbound`` entry of a text that begins with a URL; None when it has no host."""
    match = _URL.match(text.lstrip())
    return entry(match["host"], match["port"]) if match else None


def hosts_in(text: str) -> Iterator[tuple[int, str]]:
    """Yields (offset, entry) of every URL in a text whose host, or domain, is known."""
    for match in _URL.finditer(text):
        found = entry(match["host"], match["port"])
        if found:
            yield match.start(), found


def host_of_address(text: str, port: str = "") -> str | None:
    """Returns the entry of a text that is an address: a URL, or a host without a scheme.

    Args:
        text: such as ``api.example/x``, ``user@api.example:22`` or ``https://api.example``.
        port: the port when the text names none.
    """
    text = text.strip()
    if "://" in text[:16]:
        return host_of_url(text)
    match = _BARE.fullmatch(text)
    if match is None or ("/" not in text and _FILE_ENDING.search(match["host"])):
        return None
    return entry(match["host"], match["port"] or port)


def entry(host: str, port: str | None) -> str | None:
    """Returns host and port as an entry; a hole in the host makes it a pattern of subdomains."""
    host = host.lower().rstrip(".")
    if HOLE in host or "*" in host:
        host = _wildcard(host)
    if not is_host(host):
        return None
    number = int(port) if port and port.isascii() and port.isdigit() else 0
    return f"{host}:{number}" if 0 < number < 65536 else host


def _wildcard(host: str) -> str:
    before, hole, after = host.partition(HOLE)
    if hole and not after and is_host(before):
        return before  # "https://api.example" and a hole: a path that begins with its slash
    labels = re.split(r"[^.]*[\x00*][^.]*\.?", host)[-1]
    return f"*.{labels}" if labels.count(".") >= 1 else ""


def is_host(host: str) -> bool:
    """Returns whether a text names a host that can be reached: a dotted name, an address, localhost."""
    if host == "localhost" or _NUMERIC.fullmatch(host) or (host.startswith("[") and host.endswith("]")):
        return True
    name, dot, top = host.rpartition(".")
    return bool(dot and name and not name.startswith(".")) and _TOP_LEVEL.fullmatch(top) is not None
