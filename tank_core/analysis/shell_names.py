"""Programs of a shell text under their own names: aliases, functions, paths, patterns and quotes undone.

``alias g=curl; g -s x`` reads ``curl -s x``, and so do ``f() { curl "$@"; }; f -s x``, ``/usr/bin/cur? -s x``,
``$(which curl) -s x``, ``"curl" -s x`` and ``{curl,-s,x}``.
"""

from __future__ import annotations

import base64
import binascii
import re
from fnmatch import fnmatchcase

_START = r"(?:^|(?<=[|;&({`\n])|(?<=\bthen )|(?<=\bdo )|(?<=\bsudo )|(?<=\$\())[ \t]*+"
_ALIAS = re.compile(
    rf"{_START}alias[ \t]++(?P<name>[\w.-]{{1,40}})="
    rf"(?:'(?P<a>[^'\n]{{2,400}})'|\"(?P<b>[^\"$`\n]{{2,400}})\"|(?P<c>[\w./-]{{2,80}}))",
    re.M,
)
_FUNCTION = re.compile(
    r"(?m)(?:^|(?<=;))[ \t]*+(?:function[ \t]++)?(?P<name>[A-Za-z_][\w-]{0,40})[ \t]*+"
    r"\([ \t]*+\)[ \t\n]*+\{[ \t\n]*+"
    r"(?P<body>[\w./-]{2,80}(?:[ \t]++[\w./:=-]{1,120}){0,12}?)[ \t]++\"?\$[@*]\"?[ \t]*+;?[ \t\n]*+\}"
)
_WHICH = re.compile(
    r"(?:\$\(|`)[ \t]*+(?:which|type -p|command -v)[ \t]++(?P<name>[\w.+-]{2,40})[ \t]*+(?:\)|`)"
)
_PATTERN = re.compile(
    r"(?<![\w.])(?P<path>(?:/usr)?(?:/local)?/s?bin/(?=[\w.-]*[?*\[])[\w?*\[\].-]{2,40})(?![\w/])"
)
_PATH = re.compile(
    rf"({_START})(?:(?:/usr)?(?:/local|/homebrew)?/s?bin/)(?P<name>[\w.+-]{{2,40}})(?=[ \t]|$)", re.M
)
_WRAPPED = re.compile(
    rf"({_START})(?:command|builtin|env|busybox|nohup|exec)[ \t]++(?=[a-z][\w.+-]{{1,40}}(?:[ \t]|$))", re.M
)
_QUOTED = re.compile(rf"({_START})(?P<q>[\"'])(?P<name>[a-z][\w.+-]{{1,40}})(?P=q)(?=[ \t]|$)", re.M)
_BRACES = re.compile(rf"({_START})\{{(?P<words>[^\s{{}},]{{2,200}}(?:,[^\s{{}},]{{1,400}}){{1,40}})\}}", re.M)
_ARRAY = re.compile(r"(?m)(?:^|(?<=[;&\s]))(?P<name>[A-Za-z_]\w{0,40})=\((?P<words>[^()`\n]{4,2000})\)")
_ELEMENTS = re.compile(r"\"?\$\{(?P<name>[A-Za-z_]\w{0,40})\[[@*]\]\}\"?")
_DECODED_WORD = re.compile(
    r"(?:\$\(|`)[ \t]*+(?:(?:echo|printf)[ \t]++(?:-n[ \t]++|%s[ \t]++|'%s'[ \t]++)?"
    r"[\"']?(?P<a>[A-Za-z0-9+/]{2,400}={0,2})[\"']?"
    r"[ \t]*+\|[ \t]*+base64[ \t]++(?:-d|-D|--decode)|base64[ \t]++(?:-d|-D|--decode)[ \t]*+<<<[ \t]*+[\"']?"
    r"(?P<b>[A-Za-z0-9+/]{2,400}={0,2})[\"']?)[ \t]*+(?:\)|`)"
)
_KEPT_OUTPUT = re.compile(
    r"(?m)(?:^|(?<=[;&\s]))(?P<name>[A-Za-z_]\w{0,40})=\"?(?P<what>\$\([^()\n]{4,400}\)|`[^`\n]{4,400}`)\"?(?=[\s;&]|$)"
)
# What a pattern of a path may stand for; the first that fits.
_BINARIES = (
    "curl",
    "wget",
    "bash",
    "sh",
    "nc",
    "ncat",
    "netcat",
    "python3",
    "python",
    "perl",
    "ruby",
    "php",
    "node",
    "base64",
    "xxd",
    "openssl",
    "chmod",
    "tar",
    "cat",
    "rm",
    "env",
    "printenv",
    "security",
    "crontab",
    "launchctl",
    "systemctl",
    "socat",
    "ssh",
    "scp",
    "rsync",
    "find",
    "zip",
    "cp",
    "mv",
    "npm",
    "pip",
    "pip3",
    "claude",
)
_MAX_NAMES = 100


def under_own_names(text: str) -> str:
    """Returns the text with the programs that it starts under their own names; line for line."""
    text = _DECODED_WORD.sub(_decoded, text) if "base64" in text else text
    text = _WHICH.sub(r"\g<name>", text) if "which" in text or "command -v" in text else text
    text = _PATTERN.sub(_matched, text) if "bin/" in text else text
    text = (
        _BRACES.sub(lambda match: match[1] + match["words"].replace(",", " "), text) if "{" in text else text
    )
    text = _elements(text) if "[@]}" in text or "[*]}" in text else text
    text = _outputs(text)
    text = _QUOTED.sub(r"\1\g<name>", text)
    text = _WRAPPED.sub(r"\1", _PATH.sub(r"\1\g<name>", text))
    return _named(text)


def _decoded(match: re.Match[str]) -> str:
    try:
        word = base64.b64decode(match["a"] or match["b"], validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return match.group()
    return word.strip() if word.strip().isprintable() and "\n" not in word.strip() else match.group()


def _matched(match: re.Match[str]) -> str:
    wanted = match["path"].rpartition("/")[2]
    return next((name for name in _BINARIES if fnmatchcase(name, wanted)), match.group())


def _elements(text: str) -> str:
    found = {match["name"]: match["words"] for match in _ARRAY.finditer(text)}
    return _ELEMENTS.sub(lambda match: found.get(match["name"], match.group()), text)


def _outputs(text: str) -> str:
    """Puts what a variable is the output of where the variable is run."""
    found = {match["name"]: match["what"] for match in _KEPT_OUTPUT.finditer(text)} if "=" in text else {}
    if not found:
        return text
    names = "|".join(sorted(found)[:_MAX_NAMES])
    run = re.compile(
        r"(?P<head>(?:\b(?:ba|z|da|k)?sh[ \t]++(?:-\w++[ \t]++)?-l?c|\beval)[ \t]++)"
        rf"\"?\$\{{?(?P<name>{names})\}}?\"?(?![\w\[])"
        r"|\b(?:echo|printf[ \t]++['\"]?%s['\"]?)[ \t]++(?:--[ \t]++)?"
        rf"\"?\$\{{?(?P<said>{names})\}}?\"?(?=[ \t]*+\|)"
        r"|(?P<string>(?:\b(?:ba|z|da|k)?sh\b|\bsource|\.)[^\n|;&]{0,20}<<<[ \t]*+)"
        rf"\"?\$\{{?(?P<given>{names})\}}?\"?"
    )

    def put(match: re.Match[str]) -> str:
        what = found[match["name"] or match["said"] or match["given"]]
        if match["said"]:
            return what.strip("`").removeprefix("$(").removesuffix(")")
        return f'{match["head"] or match["string"]}"{what}"'

    return run.sub(put, text)


def _named(text: str) -> str:
    found = {match["name"]: match["a"] or match["b"] or match["c"] for match in _ALIAS.finditer(text)}
    found.update((match["name"], match["body"]) for match in _FUNCTION.finditer(text))
    if not found:
        return text
    names = "|".join(map(re.escape, sorted(found)[:_MAX_NAMES]))
    use = re.compile(rf"(?P<head>{_START})(?P<name>{names})(?=[ \t]|$|[)|;&`])(?![ \t]*+\()", re.M)
    return use.sub(lambda match: match["head"] + found[match["name"]], text)
