"""Shell and PowerShell written otherwise: quotes, escapes, variables, substitutions, wrapping."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from random import Random

from benchmarks.scan.evading.transform import Evasion, halves, of_code

_PROGRAM = re.compile(
    r"(?:(?<=^)|(?<=[\s|;&(`]))(?P<name>curl|wget|bash|sh|nc|ncat|chmod|base64|security|crontab|launchctl|tar|cat|rm|"
    r"python3|systemctl|printenv|env|find|xxd|npm|pip|claude)(?=[ \t]|$|[|;)])",
    re.MULTILINE,
)
_URL = re.compile(r"(?P<url>https?://[\w./:?=&%-]+)")
_PATH = re.compile(r"(?<![\w/:.])(?P<path>(?:~|\$HOME)?/[\w./-]{3,}|~/\.[\w/.-]+)")


def _programs(write: Callable[[str, Random], str]) -> Callable[[str, Random], str | None]:
    return lambda code, random: _lines(
        code, lambda line: _PROGRAM.sub(lambda m: write(m["name"], random), line)
    )


def _lines(code: str, write: Callable[[str], str]) -> str:
    """Rewrites the lines that are no comments and no here-documents."""
    out, end = [], ""
    for line in code.split("\n"):
        opening = re.search(r"<<-?\s*['\"]?(\w+)", line)
        out.append(line if end or line.startswith("#") else write(line))
        end = "" if end and line.strip() == end else end or (opening[1] if opening else "")
    return "\n".join(out)


def _headed(code: str, heads: list[str]) -> str:
    first, _, rest = code.partition("\n")
    return "\n".join([first, *heads, rest]) if first.startswith("#!") else "\n".join([*heads, code])


def program_variables(code: str, random: Random) -> str | None:
    names = sorted({m["name"] for m in _PROGRAM.finditer(code)})
    changed = _lines(code, lambda line: _PROGRAM.sub(lambda m: f"$p{names.index(m['name'])}", line))
    return _headed(changed, [f"p{number}={name}" for number, name in enumerate(names)]) if names else None


def program_pieces(code: str, random: Random) -> str | None:
    names = sorted({m["name"] for m in _PROGRAM.finditer(code)})
    changed = _lines(
        code,
        lambda line: _PROGRAM.sub(
            lambda m: f"${{a{names.index(m['name'])}}}${{b{names.index(m['name'])}}}", line
        ),
    )
    heads = [f"a{n}={name[:1]}; b{n}={name[1:]}" for n, name in enumerate(names)]
    return _headed(changed, heads) if names else None


def _pattern_variables(pattern: re.Pattern[str], name: str) -> Callable[[str, Random], str | None]:
    def rewrite(code: str, random: Random) -> str | None:
        found = sorted({m.group() for m in pattern.finditer(code) if not m.group().startswith("~")})
        if not found:
            return None
        changed = _lines(
            code,
            lambda line: pattern.sub(
                lambda m: f"${{{name}{found.index(m.group())}}}" if m.group() in found else m.group(), line
            ),
        )
        changed = re.sub(rf"'([^'\n]*\$\{{{name}\d+\}}[^'\n]*)'", r'"\1"', changed)
        return _headed(changed, [f'{name}{number}="{value}"' for number, value in enumerate(found)])

    return rewrite


def host_pieces(code: str, random: Random) -> str | None:
    found = sorted({m["url"] for m in _URL.finditer(code)})
    heads = []
    for number, url in enumerate(found):
        first, second, third = halves(url, random, 3)
        heads += [f"x{number}={first!r}", f"y{number}={second!r}", f"z{number}={third!r}"]
    changed = _lines(
        code,
        lambda line: _URL.sub(lambda m: "".join(f"${{{k}{found.index(m['url'])}}}" for k in "xyz"), line),
    )
    changed = re.sub(r"'([^'\n]*\$\{x\d+\}[^'\n]*)'", r'"\1"', changed)
    return _headed(changed, heads) if found else None


def appended(code: str, random: Random) -> str | None:
    found = sorted({m["url"] for m in _URL.finditer(code)})
    heads = []
    for number, url in enumerate(found):
        first, second = halves(url, random)
        heads += [f"u{number}={first!r}", f"u{number}+={second!r}"]
    changed = _lines(code, lambda line: _URL.sub(lambda m: f"$u{found.index(m['url'])}", line))
    return _headed(changed, heads) if found else None


def continued(code: str, random: Random) -> str | None:
    return _lines(
        code, lambda line: re.sub(r"(?<=\w) (?=-|http|\|)", " \\\n  ", line) if "'" not in line else line
    )


def wide(code: str, random: Random) -> str | None:
    return _lines(code, lambda line: re.sub(r"(?<=[\w\"']) (?=[-|>\"'h~$/])", "  \t ", line))


def ifs(code: str, random: Random) -> str | None:
    return _lines(
        code,
        lambda line: re.sub(
            r"(?<![\w])((?:curl|wget) [^|;&\n'\"]+)", lambda m: "${IFS}".join(m[1].split(" ")), line
        ),
    )


def braces(code: str, random: Random) -> str | None:
    return _lines(
        code,
        lambda line: re.sub(
            r"(?<![\w])((?:curl|wget) [^|;&\n'\"$>)]+)",
            lambda m: "{" + ",".join(m[1].split()) + "} ",
            line,
        ),
    )


def array(code: str, random: Random) -> str | None:
    heads: list[str] = []

    def put(match: re.Match[str]) -> str:
        heads.append(f"c{len(heads)}=({match[1].strip()})")
        return f'"${{c{len(heads) - 1}[@]}}" '

    changed = _lines(code, lambda line: re.sub(r"(?<![\w])((?:curl|wget) [^|;&\n'\"$>)]+)", put, line))
    return _headed(changed, heads) if heads else None


def function(code: str, random: Random) -> str | None:
    names = sorted({m["name"] for m in _PROGRAM.finditer(code)})
    changed = _lines(code, lambda line: _PROGRAM.sub(lambda m: f"f{names.index(m['name'])}", line))
    return _headed(changed, [f'f{n}() {{ {name} "$@"; }}' for n, name in enumerate(names)]) if names else None


def alias(code: str, random: Random) -> str | None:
    names = sorted({m["name"] for m in _PROGRAM.finditer(code)})
    changed = _lines(code, lambda line: _PROGRAM.sub(lambda m: f"k{names.index(m['name'])}", line))
    return _headed(changed, [f"alias k{n}='{name}'" for n, name in enumerate(names)]) if names else None


def with_comments(code: str, random: Random) -> str | None:
    return _lines(code, lambda line: f"# step {random.randrange(9)}\n{line}\n" if line.strip() else line)


def steps(code: str, random: Random) -> str | None:
    """A download that is piped becomes one that is kept and read."""
    return re.sub(
        r"(?m)^(?P<head>[ \t]*)(?P<get>(?:curl|wget) [^|\n]+?) \| (?P<run>sudo )?(?P<sh>bash|sh)$",
        r"\g<head>\g<get> > /tmp/.s\n\g<head>\g<run>\g<sh> /tmp/.s",
        code,
    ).replace("\\g<run>", "")


def substituted(code: str, random: Random) -> str | None:
    return re.sub(
        r"(?m)^(?P<head>[ \t]*)(?P<get>(?:curl|wget) [^|\n]+?) \| (?:sudo )?(?P<sh>bash|sh)$",
        r'\g<head>BODY="$(\g<get>)"\n\g<head>\g<sh> -c "$BODY"',
        code,
    )


def _wrapped(write: Callable[[bytes], str]) -> Callable[[str, Random], str | None]:
    return lambda code, random: (
        "#!/bin/bash\n" + write(code.encode()) + "\n"
        if code.startswith("#!")
        else write(code.encode()) + "\n"
    )


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


_SHELL = {
    "empty quotes": _programs(lambda name, random: f"{name[0]}''{name[1:]}"),
    "letter in quotes": _programs(lambda name, random: f"{name[0]}'{name[1]}'{name[2:]}"),
    "word in quotes": _programs(lambda name, random: f'"{name}"'),
    "backslash": _programs(lambda name, random: f"{name[0]}\\{name[1:]}"),
    "dollar at": _programs(lambda name, random: f"{name[:1]}$@{name[1:]}"),
    "full path": _programs(lambda name, random: f"/usr/bin/{name}"),
    "command": _programs(lambda name, random: f"command {name}"),
    "env": _programs(lambda name, random: f"/usr/bin/env {name}"),
    "echo": _programs(lambda name, random: f"$(echo {name})"),
    "printf": _programs(lambda name, random: "$(printf '" + "".join(f"\\x{ord(c):02x}" for c in name) + "')"),
    "rev": _programs(lambda name, random: f"$(echo {name[::-1]} | rev)"),
    "ansi quotes": _programs(lambda name, random: "$'" + "".join(f"\\x{ord(c):02x}" for c in name) + "'"),
    "base64 of a word": _programs(lambda name, random: f"$(echo {_b64(name.encode())} | base64 -d)"),
    "glob": _programs(lambda name, random: f"/usr/bin/{name[:-1]}?"),
    "which": _programs(lambda name, random: f"$(which {name})"),
    "program in a variable": program_variables,
    "program in two variables": program_pieces,
    "host in a variable": _pattern_variables(_URL, "u"),
    "path in a variable": _pattern_variables(_PATH, "d"),
    "host in pieces": host_pieces,
    "host appended": appended,
    "continued lines": continued,
    "wide": wide,
    "IFS": ifs,
    "braces": braces,
    "array": array,
    "function": function,
    "alias": alias,
    "comments": with_comments,
    "pipe as steps": steps,
    "pipe as substitution": substituted,
    "eval": _wrapped(lambda data: "eval '" + data.decode().replace("'", "'\\''") + "'"),
    "bash -c": _wrapped(lambda data: "bash -c '" + data.decode().replace("'", "'\\''") + "'"),
    "here-document": _wrapped(lambda data: f"bash <<'EOS'\n{data.decode().rstrip()}\nEOS"),
    "here-string": _wrapped(lambda data: "bash <<< '" + data.decode().rstrip().replace("'", "'\\''") + "'"),
    "base64 to bash": _wrapped(lambda data: f"echo {_b64(data)} | base64 -d | bash"),
    "base64 in eval": _wrapped(lambda data: f'eval "$(echo {_b64(data)} | base64 -d)"'),
    "base64 in a variable": _wrapped(
        lambda data: f'B={_b64(data)}\nbash -c "$(echo "$B" | base64 --decode)"'
    ),
    "hex to bash": _wrapped(lambda data: f"echo {data.hex()} | xxd -r -p | bash"),
    "printf to bash": _wrapped(lambda data: "printf '" + "".join(f"\\x{b:02x}" for b in data) + "' | bash"),
    "python runs it": _wrapped(
        lambda data: (
            "python3 - <<'PY'\nimport subprocess\nsubprocess.run(" + repr(data.decode()) + ", shell=True)\nPY"
        )
    ),
}


def _ps_words(
    write: Callable[[str, Random], str],
    pattern: str = r"(?<![\w$.\"'-])(?:[A-Z][a-z]+-[A-Za-z]+|iwr|iex|irm)\b",
) -> Callable[[str, Random], str | None]:
    return lambda code, random: re.sub(pattern, lambda m: write(m.group(), random), code)


def _ps_literals(write: Callable[[str, Random], str]) -> Callable[[str, Random], str | None]:
    return lambda code, random: re.sub(r"\"([^\"\n$]{4,})\"", lambda m: f"({write(m[1], random)})", code)


def _ps_variables(code: str, random: Random) -> str | None:
    found = list(dict.fromkeys(re.findall(r"\"([^\"\n$]{4,})\"|(https?://\S+)", code)))
    texts = [a or b for a, b in found]
    for number, text in enumerate(texts):
        code = code.replace(f'"{text}"', f"$v{number}").replace(text, f"$v{number}")
    return "\n".join([*(f"$v{n} = '{text}'" for n, text in enumerate(texts)), code]) if texts else None


def _ps_call(name: str, random: Random) -> str:
    first, second = halves(name, random)
    return f"& ('{first}' + '{second}')"


_ALIASES = {
    "Invoke-WebRequest": "iwr",
    "Invoke-RestMethod": "irm",
    "Invoke-Expression": "iex",
    "iwr": "Invoke-WebRequest",
    "iex": "Invoke-Expression",
    "irm": "Invoke-RestMethod",
    "Start-Process": "saps",
}
_POWERSHELL = {
    "case": _ps_words(
        lambda word, random: "".join(c.upper() if n % 2 else c.lower() for n, c in enumerate(word))
    ),
    "ticks": _ps_words(
        lambda word, random: (
            f"{word[:2]}`{word[2:]}"
            if word[2] not in "0abfnrtv-"
            else f"{word[:1]}`{word[1:]}"
            if word[1] not in "0abfnrtv-"
            else word
        )
    ),
    "aliases": _ps_words(lambda word, random: _ALIASES.get(word, word)),
    "called by sum": _ps_words(_ps_call),
    "called by text": _ps_words(lambda word, random: f"& '{word}'"),
    "sum": _ps_literals(lambda v, r: " + ".join(f"'{part}'" for part in halves(v, r, 3))),
    "format": _ps_literals(
        lambda v, r: "'{1}{0}' -f " + ", ".join(f"'{part}'" for part in reversed(halves(v, r)))
    ),
    "join": _ps_literals(lambda v, r: "-join (" + ", ".join(f"'{part}'" for part in halves(v, r, 3)) + ")"),
    "chars": _ps_literals(lambda v, r: " + ".join(f"[char]{ord(c)}" for c in v)),
    "variables": _ps_variables,
    "encoded command": lambda code, random: (
        f"powershell -EncodedCommand {base64.b64encode(code.encode('utf-16-le')).decode()}\n"
    ),
    "base64": lambda code, random: (
        f"iex ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('{_b64(code.encode())}')))\n"
    ),
}

EVASIONS: tuple[Evasion, ...] = tuple(
    of_code(f"{language}: {name}", language, rewrite)
    for language, ways in (("shell", _SHELL), ("powershell", _POWERSHELL))
    for name, rewrite in ways.items()
)
