"""Where packages come from: registries, mirrors and addresses, in commands and in every manager's files.

A package that is taken from a host that is no known registry, no forge, and does not fit
the skill runs somebody's code when it is installed, whatever its name is. The same
name from a foreign index is the shortest way to replace a well-known package.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count

from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.hosts import DUMPS, STRANGE, is_placeholder, kind_of
from tank_core.analysis.own_hosts import is_foreign
from tank_core.analysis.package import Package
from tank_core.analysis.prose import prose
from tank_core.analysis.source import Language, Source

_HOST = r"(?P<host>\[?(?:[a-z0-9-]{1,63}\.){1,6}[a-z0-9]{1,24}\]?)"
_URL = rf"(?:git\+|sparse\+|registry\+|tarball\+)?(?:https?|ssh|git)://(?:[\w.$%{{}}:-]{{1,80}}@)?{_HOST}"


def _pattern(text: str) -> re.Pattern[str]:
    """Returns a pattern in which ``URL`` and ``HOST`` stand for what has the host in a group of its own."""
    numbers = count(1)
    spelled = re.sub(r"\b(?:HOST|URL)\b", lambda match: {"URL": _URL, "HOST": _HOST}[match.group()], text)
    return re.compile("(?im)" + re.sub(r"\?P<host>", lambda _: f"?P<host{next(numbers)}>", spelled))


_SPACED = str.maketrans(dict.fromkeys("\"'`,()[]", " "))  # what stands between the words of an argument list
_COMMANDS = tuple(
    map(
        _pattern,
        (
            r"--(?:(?:extra-)?index-url|registry|find-links|default-index|index|index-strategy)[= \t]+[\"']?URL",
            r"\b(?:pip[\d.]*|uv)\b[^\n]{0,120}[ \t](?:-i|-f)[ \t]+[\"']?URL",
            r"\b(?:pip[\d.]*|uv(?:[ \t]+pip)?|pipx|poetry)[ \t]+(?:install|add)\b[^\n;|&]{0,120}?[ \t@\"']URL",
            r"\b(?:npm|pnpm|yarn|bun)[ \t]+(?:install|i|add|ci)\b[^\n;|&]{0,120}?[ \t@\"']URL",
            r"\b(?:npm|pnpm|yarn)[ \t]+(?:config|set)\b[^\n;|&]{0,60}registry\w{0,10}[ =]+[\"']?URL",
            r"\bpip[\d.]*[ \t]+config[ \t]+set\b[^\n;|&]{0,60}index-url[ =]+[\"']?URL",
            r"\b(?:pip_(?:extra_)?index_url|uv_(?:default_)?index(?:_url)?|npm_config_registry|goproxy|"
            r"bundle_mirror\w{0,30}|cargo_registries\w{0,40}_index)[\"']?[ \t]*[=:][ \t]*[\"']?URL",
            r"\bgem[ \t]+(?:install|sources)\b[^\n;|&]{0,80}?(?:--source|-s|-a|--add)[ =]+[\"']?URL",
            r"\bbrew[ \t]+(?:tap|install)\b[^\n;|&]{0,80}?[ \t]URL",
            r"\bhelm[ \t]+(?:repo[ \t]+add|install|upgrade)\b[^\n;|&]{0,80}?[ \t](?:oci|https?)://HOST",
            r"\bdeb(?:-src)?[ \t]+(?:\[[^\]\n]{0,80}\][ \t]+)?(?:https?)://HOST[^\n]{0,80}(?:sources\.list|apt)",
            r"\b(?:apt-add-repository|add-apt-repository|dnf[ \t]+config-manager)\b[^\n]{0,80}?URL",
            r"\b(?:claude|codex|gemini)[ \t]+(?:plugin|mcp|extensions?)[ \t]+(?:marketplace[ \t]+)?(?:add|install)\b"
            r"[^\n;|&]{0,60}?[ \t]URL[^\s\"']{0,200}\.git\b",
        ),
    )
)
# An index whose packages need no signature, wherever it is written down.
_TRUSTED_BLINDLY = _pattern(
    r"\bdeb(?:-src)?[ \t]+\[[^\]\n]{0,80}\btrusted=yes\b[^\]\n]{0,80}\][ \t]+https?://HOST"
)
# Name of the file → what in it says where packages come from.
_FILES: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (re.compile(rf"(?i)(?:.*/)?(?:{name})"), _pattern(text))
    for name, text in (
        (
            r"\.npmrc|\.yarnrc(?:\.yml)?|bunfig\.toml|\.pnpmrc",
            r"registry\w{0,12}[\"']?[ \t]*[=:]?[ \t]+?[\"']?URL",
        ),
        (r"\.npmrc", r"registry[ \t]*=[ \t]*URL"),
        (
            r"pip\.conf|pip\.ini|(?:requirements|constraints)[\w.-]*\.(?:txt|in)|requirements/[\w.-]+\.(?:txt|in)|[\w.-]*requirements\.(?:txt|in)",
            r"(?:index-url|find-links|-i|-f)[ \t]*[= \t][ \t]*URL|^[^#\n]{0,80}[ @]URL|^[ \t]*(?:-e[ \t]+)?URL",
        ),
        (
            r"pyproject\.toml|uv\.toml|Pipfile",
            r"\b(?:url|git)[ \t]*=[ \t]*[\"']URL|[\"'][\w.\[\]-]{1,60} ?@ ?URL",
        ),
        (
            r"poetry\.lock|uv\.lock|Pipfile\.lock|pdm\.lock|pylock\.toml",
            r"\burl[\"']?[ \t]*[=:][ \t]*[\"']URL",
        ),
        (
            r"package\.json",
            r"^[ \t{,]*\"@?[\w./-]{1,100}\"[ \t]*:[ \t]*\"URL[^\"\n]{0,200}(?:\.git|\.tgz|\.tar\.gz|#[\w./-]{1,60})\"",
        ),
        (r"package\.json", r"\"[\w./-]{1,100}\"[ \t]*:[ \t]*\"(?:git\+(?:https?|ssh)://(?:\w+@)?)HOST"),
        (
            r"package\.json",
            r"(?<=[,{])[ \t]*\"@?[\w./-]{1,100}\"[ \t]*:[ \t]*\"URL[^\"\n]{0,200}(?:\.git|\.tgz|\.tar\.gz)\b",
        ),
        (r"package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|bun\.lock", r"\bresolved\"?:?[ \t]*\"URL"),
        (r"pnpm-lock\.yaml", r"\btarball:[ \t]*[\"']?URL"),
        (r"\.?cargo/config(?:\.toml)?|Cargo\.toml", r"\b(?:registry|index|git)[ \t]*=[ \t]*[\"']URL"),
        (r"Cargo\.lock", r"\bsource[ \t]*=[ \t]*[\"']URL"),
        (r"Gemfile|gems\.rb|[\w-]+\.gemspec", r"\b(?:source|git:|:git[ \t]*=>)[ (]*[\"']URL"),
        (r"Gemfile\.lock", r"\bremote:[ \t]*URL"),
        (r"go\.mod|go\.work", r"=>[ \t]*HOST/"),
        (r"pom\.xml|settings\.xml|nuget\.config", r"<url>[ \t]*URL|\bvalue=\"URL"),
        (r"[\w.-]*\.gradle(?:\.kts)?", r"\burl[ \t]*(?:=|\(|[ \t])[ \t(]*(?:uri\()?[\"']URL"),
        (r"composer\.json", r"\"url\"[ \t]*:[ \t]*\"URL"),
        (r"\.gitmodules", r"\burl[ \t]*=[ \t]*(?:URL|\w+@HOST:)"),
        (r"sources\.list|[\w.-]+\.list|[\w.-]+\.sources", r"^(?:deb|URIs:)[^\n]{0,100}?URL"),
    )
)
# fmt: off
# Registries and mirrors that whole communities use, and what is no address of anybody's.
_PUBLIC_MIRRORS = (
    "tuna.tsinghua.edu.cn", "ustc.edu.cn", "npmmirror.com", "goproxy.cn", "goproxy.io", "rsproxy.cn", "sjtu.edu.cn",
    "bfsu.edu.cn", "huaweicloud.com", "douban.com", "mirrors.cloud.tencent.com", "jfrog.io", "nvidia.com", "quay.io",
    "ghcr.io", "gcr.io", "pkg.dev", "fury.io", "gemfury.com", "jitpack.io", "maven.apache.org", "sonatype.org",
    "bitnami.com", "elastic.co", "opensuse.org", "archlinux.org", "launchpad.net", "mariadb.org", "postgresql.org",
    "mongodb.com", "mongodb.org", "gitea.com", "gitee.com", "sr.ht", "github.io", "gitlab.io", "oracle.com",
    "artifactory.example.com", "nexus.example.com", "registry.example.com", "pypi.example.com", "npm.example.com",
)
# fmt: on


def foreign_package_index(package: Package) -> Iterator[Hit]:
    """Yields packages that are installed from a host that is no known registry or forge and does not fit the skill."""
    for source in package.sources:
        for pattern in (*_patterns_of(source), _TRUSTED_BLINDLY):
            for match in pattern.finditer(source.text):
                if _is_unknown(match, package):
                    yield hit_at(source, match.start())
        if source.language.is_code and source.language is not Language.SHELL and not source.is_part_of_code:
            yield from _options(package, source, source.text.translate(_SPACED))
    for source, text in prose(package):
        if source.language is Language.MARKDOWN:
            yield from _options(package, source, text)


def _options(package: Package, source: Source, text: str) -> Iterator[Hit]:
    """Yields options that name an index, in the argument lists of code and in orders of prose."""
    for match in _COMMANDS[0].finditer(text):
        if _is_unknown(match, package):
            yield hit_at(source, match.start())


def _patterns_of(source: Source) -> Iterator[re.Pattern[str]]:
    if source.is_whole_file:
        yield from (pattern for name, pattern in _FILES if name.fullmatch(source.file))
    if source.language in {Language.SHELL, Language.POWERSHELL, Language.BATCH} or source.is_decoded:
        yield from _COMMANDS


def _is_unknown(match: re.Match[str], package: Package) -> bool:
    host = next((value for value in match.groupdict().values() if value), "").lower().strip("[]")
    if any(host == known or host.endswith(f".{known}") for known in _PUBLIC_MIRRORS):
        return False
    kind = kind_of(host)
    return kind in DUMPS or (kind in STRANGE and not is_placeholder(host) and is_foreign(host, package))
