"""Secrets that leave through shell commands, and shells that are given away.

Follows text through one script or block: a pipeline that reads a credential file or
the environment and ends at a program that sends, a sending program that is handed
such a file, and variables that were filled from one. Not across files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.detectors.hit import Hit, hit_on_line
from tank_core.analysis.hosts import HostKind, mentions
from tank_core.analysis.observers.code import without_searches
from tank_core.analysis.own_hosts import foreign_hosts
from tank_core.analysis.package import Package
from tank_core.analysis.shell_words import Command, Pipeline, pipelines
from tank_core.analysis.source import Language, Source

_CREDENTIAL_PATH = re.compile(
    r"(?i)(?:\.ssh/(?:id_|\*|$)|\bid_(?:rsa|ed25519|ecdsa|dsa)\b(?!\.pub)|\.aws/(?:credentials|config)|\.netrc|"
    r"\.git-credentials|"
    r"\.npmrc|\.pypirc|\.docker/config\.json|\.kube/config|\.gnupg|/etc/shadow|\.config/gcloud|\.azure/|"
    r"login\.keychain|Login Data|Cookies|cookies\.sqlite|key4\.db|logins\.json|wallet\.dat|\.claude\.json|"
    r"\.config/gh/hosts\.yml|\.bash_history|\.zsh_history|(?:^|[\s/@\"'=])\.env(?:$|[\s\"';)|]))"
)
_ENVIRONMENT_DUMP = re.compile(r"(?:\$\(|`)\s*(?:env|printenv|export -p|set)\s*(?:\||\)|`)")
_SENDERS = frozenset(
    {"curl", "wget", "nc", "ncat", "netcat", "socat", "http", "https", "ftp", "telnet", "openssl"}
)
_UPLOAD_WORD = re.compile(
    r"-(?:d|F|T)|--(?:data(?:-\w+)?|form(?:-string)?|upload-file|post-(?:data|file)|body-(?:data|file)|json|"
    r"url-query)(?:=.*)?"
)
_ATTACHED = re.compile(r"-[dFT].+|--(?:data|form|post|body|upload)[\w-]*=.+")
_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)")
_REVERSE_SHELL = re.compile(
    r"(?:ba|z|k|da)?sh\b[^\n]{0,40}-i[^\n]{0,40}/dev/tcp/|/dev/tcp/[^\n]{0,80}(?:0[<>]&|<&|exec)|"
    r"exec\s+\d+<>\s*/dev/tcp/"
    r"|\b(?:nc|ncat|netcat)\b[^\n|]{0,100}\s-\w*[ec]\w*\s+\S*(?:ba|z)?sh\b|\bsocat\b[^\n]{0,200}\b(?i:exec|system):[^\n]{0,20}sh\b"
    r"|\b(?:ruby|perl|python[\d.]*|php|node|lua)\b[^\n]{0,40}\s-\w{0,3}[er]\w{0,10}\s[^\n]{0,300}\b(?:TCPSocket|"
    r"Socket::INET|socket\.socket|"
    r"fsockopen|net\.(?:Socket|connect)|use Socket)\b[^\n]{0,400}(?:/bin/(?:ba)?sh|\bexec\b|\bspawn\b|\bdup2\b|\bpty\b)"
    r"|\bmkfifo\b[^\n]{0,200}\b(?:nc|ncat|netcat)\b"
)


def secrets_sent(package: Package) -> Iterator[Hit]:
    """Yields commands that send a credential file or the whole environment over the network."""
    foreign = foreign_hosts(package)
    for source in _shell_sources(package):
        tainted: set[str] = set()
        for pipeline in pipelines(source.text):
            for command in pipeline.commands:
                tainted |= {name for name, value in command.assignments if _is_secret(value, tainted)}
            if _leaks(pipeline, tainted) and _is_foreign(pipeline, foreign):
                yield hit_on_line(source, pipeline.line)


def reverse_shells(package: Package) -> Iterator[Hit]:
    """Yields shells that are connected to another machine."""
    for source in _shell_sources(package):
        for number, line in enumerate(without_searches(source.text).split("\n"), start=1):
            if _REVERSE_SHELL.search(line):
                yield hit_on_line(source, number)


def _is_foreign(pipeline: Pipeline, foreign: frozenset[str]) -> bool:
    """Whether a pipeline reaches a host that does not fit the skill, or one that it does not write out."""
    hosts = [mention.host for command in pipeline.commands for mention in mentions(" ".join(command.words))]
    return not hosts or any(host in foreign for host in hosts)


def _is_secret(text: str, tainted: set[str]) -> bool:
    if _ENVIRONMENT_DUMP.search(text) or (("$(" in text or "`" in text) and _CREDENTIAL_PATH.search(text)):
        return True
    return any(name in tainted for name in _VARIABLE.findall(text))


def _leaks(pipeline: Pipeline, tainted: set[str]) -> bool:
    carried = False
    for command in pipeline.commands:
        if _sends(command):
            if _is_local(command):
                return False
            if carried or _hands_over(command, tainted):
                return True
        carried = carried or _reads_secret(command, tainted)
    return False


def _reads_secret(command: Command, tainted: set[str]) -> bool:
    words = command.arguments
    if words in {("env",), ("printenv",), ("set",), ("export", "-p")}:
        return True
    text = " ".join(words[1:])
    return bool(_CREDENTIAL_PATH.search(text)) or any(name in tainted for name in _VARIABLE.findall(text))


def _sends(command: Command) -> bool:
    return command.program in _SENDERS or any("/dev/tcp/" in word for word in command.words)


def _is_local(command: Command) -> bool:
    found = [mention.kind for mention in mentions(" ".join(command.words))]
    return bool(found) and all(kind is HostKind.LOCAL for kind in found)


def _hands_over(command: Command, tainted: set[str]) -> bool:
    """Whether the sender's own words carry a secret: as a body, a form field, or within the URL."""
    for previous, word in zip(("", *command.words), command.words, strict=False):
        is_body = bool(_UPLOAD_WORD.fullmatch(previous) or _ATTACHED.fullmatch(word))
        if (
            is_body
            and _CREDENTIAL_PATH.search(word)
            and ("@" in word or "$(" in word or previous in {"-T", "--upload-file"} or "file" in previous)
        ):
            return True
        if (is_body or "://" in word) and _is_secret(word, tainted):
            return True
    return any(word == "<" for word in command.words) and bool(
        _CREDENTIAL_PATH.search(" ".join(command.words))
    )


def _shell_sources(package: Package) -> Iterator[Source]:
    return (source for source in package.sources if source.language is Language.SHELL)
