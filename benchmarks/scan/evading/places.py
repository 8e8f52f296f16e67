"""The same code or the same orders in another place of the skill."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from random import Random

from benchmarks.scan.evading.transform import BLOCK, Evasion, Files, language_of

_HEAD = "---\nname: tidy-helper\ndescription: Keeps a folder tidy.\n---\n\n# Tidy helper\n\n"
_TAG = {"python": "python", "javascript": "js", "shell": "bash", "powershell": "powershell", "ruby": "ruby"}
_PROGRAM = {"python": "python3", "javascript": "node", "shell": "bash", "powershell": "pwsh", "ruby": "ruby"}
_ENDING = {"python": ".py", "javascript": ".js", "shell": ".sh", "powershell": ".ps1", "ruby": ".rb"}


def _code(files: Files) -> tuple[str, str] | None:
    """Returns (language, text) of a sample that is one file of code."""
    if len(files) != 1:
        return None
    ((path, text),) = files.items()
    return (language_of(path), text.rstrip()) if language_of(path) in _TAG else None


def _moved(
    write: Callable[[str, str], Files | str | None], only: tuple[str, ...] = ()
) -> Callable[[Files, Random], Files | None]:
    def apply(files: Files, random: Random) -> Files | None:
        code = _code(files)
        if code is None or (only and code[0] not in only):
            return None
        found = write(*code)
        return {"SKILL.md": _HEAD + found} if isinstance(found, str) else found

    return apply


def _indented(text: str, by: str) -> str:
    return "\n".join(by + line if line.strip() or by.strip() else line for line in text.split("\n"))


def _fence(language: str, text: str, tag: str | None = None, mark: str = "```") -> str:
    return f"{mark}{_TAG[language] if tag is None else tag}\n{text}\n{mark}\n"


def _called(ending: str, folder: str = "scripts/") -> Callable[[str, str], Files]:
    def write(language: str, text: str) -> Files:
        path = f"{folder}run{ending or _ENDING[language]}"
        return {"SKILL.md": f"{_HEAD}Run `{_PROGRAM[language]} {path}` first.\n", path: text + "\n"}

    return write


def _in_reference(language: str, text: str) -> Files:
    return {
        "SKILL.md": _HEAD + "Read `references/setup.md` and do what it says before anything else.\n",
        "references/setup.md": "# Setup\n\n" + _fence(language, text),
    }


def _far_reference(language: str, text: str) -> Files:
    return {
        "SKILL.md": _HEAD + "Start with [the guide](references/guide.md).\n",
        "references/guide.md": "# Guide\n\nThen follow [the steps](steps/first.md).\n",
        "references/steps/first.md": "# First\n\n" + _fence(language, text),
    }


def _heredoc(language: str, text: str) -> Files:
    program = {
        "python": "python3 -",
        "javascript": "node -",
        "shell": "bash -s",
        "ruby": "ruby -",
        "powershell": "pwsh -",
    }
    return {
        "SKILL.md": _HEAD + "Run `bash scripts/run.sh`.\n",
        "scripts/run.sh": f"#!/bin/sh\n{program[language]} <<'EOF'\n{text}\nEOF\n",
    }


def _written(language: str, text: str) -> Files:
    path = f"/tmp/.t{_ENDING[language]}"  # noqa: S108
    return {
        "SKILL.md": _HEAD + f"```bash\ncat > {path} <<'EOF'\n{text}\nEOF\n{_PROGRAM[language]} {path}\n```\n"
    }


def _argument(language: str, text: str) -> Files | None:
    flag = {
        "python": "python3 -c",
        "javascript": "node -e",
        "shell": "bash -c",
        "ruby": "ruby -e",
        "powershell": "pwsh -c",
    }
    if "'" in text:
        return None
    return {"SKILL.md": _HEAD + f"```bash\n{flag[language]} '{text}'\n```\n"}


def _command_lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip() and not line.startswith("#")]


def _makefile(language: str, text: str) -> Files | None:
    lines = _command_lines(text)
    if "<<" in text:
        return None
    body = "\n".join("\t@" + line.replace("$", "$$") for line in lines)
    return {"SKILL.md": _HEAD + "Run `make setup`.\n", "Makefile": f"setup:\n{body}\n"}


def _package_json(language: str, text: str) -> Files | None:
    if "<<" in text:
        return None
    body = json.dumps({"name": "tidy", "scripts": {"setup": " && ".join(_command_lines(text))}}, indent=2)
    return {"SKILL.md": _HEAD + "Run `npm run setup`.\n", "package.json": body}


def _dockerfile(language: str, text: str) -> Files | None:
    if "<<" in text:
        return None
    body = " && \\\n    ".join(_command_lines(text))
    return {
        "SKILL.md": _HEAD + "Build with `docker build .`.\n",
        "Dockerfile": f"FROM debian:12\nRUN {body}\n",
    }


def _workflow(language: str, text: str) -> Files:
    steps = "name: tidy\non: push\njobs:\n  tidy:\n    runs-on: ubuntu-latest\n    steps:\n    - run: |\n"
    shell = (
        ""
        if language in {"shell"}
        else f"      shell: {_PROGRAM[language].replace('python3', 'python')} {{0}}\n"
    )
    return {
        "SKILL.md": _HEAD + "Add the workflow to the project.\n",
        ".github/workflows/tidy.yml": steps + _indented(text, "        ") + "\n" + shell,
    }


def _notebook(language: str, text: str) -> Files | None:
    body = text if language == "python" else f"%%bash\n{text}"
    lines = [line + "\n" for line in body.split("\n")]
    cell: dict[str, object] = {
        "cell_type": "code",
        "source": lines,
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    data = {
        "cells": [cell],
        "metadata": {"kernelspec": {"language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return {"SKILL.md": _HEAD + "Open `tidy.ipynb` and run it.\n", "tidy.ipynb": json.dumps(data, indent=1)}


def _bang(language: str, text: str) -> Files | None:
    lines = _command_lines(text)
    if "<<" in text:
        return None
    return _notebook("python", "\n".join(f"!{line}" for line in lines))


def _hook(language: str, text: str) -> Files | None:
    if "<<" in text:
        return None
    command = "; ".join(_command_lines(text))
    value = {"hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": command}]}]}}
    return {"SKILL.md": _HEAD, ".claude/settings.json": json.dumps(value)}


def _inline(language: str, text: str) -> str | None:
    lines = _command_lines(text)
    if "<<" in text or any("`" in line for line in lines):
        return None
    return "".join(f"{n}. Run `{line.strip()}`.\n" for n, line in enumerate(lines, start=1))


def _step_blocks(language: str, text: str) -> str | None:
    if "<<" in text or re.search(r"(?m)^\s*(?:if|for|while|do|case)\b", text):
        return None
    lines = _command_lines(text)
    return "\n".join(f"{n}. Step:\n\n```bash\n{line}\n```\n" for n, line in enumerate(lines, start=1))


def _imported(language: str, text: str) -> Files | None:
    name = {
        "python": ("import lib.core\n", "lib/core.py"),
        "javascript": ('require("./lib/core");\n', "lib/core.js"),
        "shell": ('#!/bin/sh\n. "$(dirname "$0")/lib/core.sh"\n', "lib/core.sh"),
    }.get(language)
    if name is None:
        return None
    main = f"run{_ENDING[language]}"
    return {"SKILL.md": f"{_HEAD}Run `{_PROGRAM[language]} {main}`.\n", main: name[0], name[1]: text + "\n"}


def _read_and_run(language: str, text: str) -> Files | None:
    main = {
        "python": "from pathlib import Path\n\nexec(Path(__file__).with_name('theme.txt').read_text())\n",
        "javascript": 'const fs = require("fs");\neval(fs.readFileSync(__dirname + "/theme.txt", "utf8"));\n',
        "shell": '#!/bin/sh\n. "$(dirname "$0")/theme.txt"\n',
    }.get(language)
    if main is None:
        return None
    path = f"run{_ENDING[language]}"
    return {"SKILL.md": f"{_HEAD}Run `{_PROGRAM[language]} {path}`.\n", path: main, "theme.txt": text + "\n"}


_ANY: dict[str, Callable[[Files, Random], Files | None]] = {
    "tagged fence": _moved(lambda language, text: _fence(language, text)),
    "untagged fence": _moved(lambda language, text: _fence(language, text, "")),
    "fence of another tag": _moved(lambda language, text: _fence(language, text, "text")),
    "fence of tildes": _moved(lambda language, text: _fence(language, text, mark="~~~~")),
    "indented code": _moved(lambda language, text: "Run:\n\n" + _indented(text, "    ") + "\n"),
    "fence in a list": _moved(
        lambda language, text: "1. Run:\n\n" + _indented(_fence(language, text), "   ")
    ),
    "fence in a quotation": _moved(
        lambda language, text: _indented(_fence(language, text).rstrip(), "> ") + "\n"
    ),
    "fence in details": _moved(
        lambda language, text: (
            "<details>\n<summary>More</summary>\n\n" + _fence(language, text) + "\n</details>\n"
        )
    ),
    "pre": _moved(
        lambda language, text: f"<pre><code>{text.replace('&', '&amp;').replace('<', '&lt;')}</code></pre>\n"
    ),
    "html comment": _moved(lambda language, text: f"<!--\n{text}\n-->\n"),
    "reference": _moved(_in_reference),
    "reference of a reference": _moved(_far_reference),
    "script": _moved(_called("")),
    "script without ending": _moved(lambda language, text: _called_plain(language, text, "scripts/run")),
    "script named .txt": _moved(_called(".txt")),
    "script named .md": _moved(lambda language, text: _called_plain(language, text, "references/run.md")),
    "script in tests": _moved(_called("", "tests/fixtures/")),
    "hidden folder": _moved(_called("", ".cache/")),
    "imported": _moved(_imported),
    "read and run": _moved(_read_and_run),
    "here-document": _moved(_heredoc),
    "written by a step": _moved(_written),
    "argument": _moved(_argument),
    "workflow": _moved(_workflow),
    "notebook": _moved(_notebook, ("python", "shell")),
    "notebook bang": _moved(_bang, ("shell",)),
    "Makefile": _moved(_makefile, ("shell",)),
    "package.json": _moved(_package_json, ("shell",)),
    "Dockerfile": _moved(_dockerfile, ("shell",)),
    "agent hook": _moved(_hook, ("shell",)),
    "inline code": _moved(_inline, ("shell",)),
    "a block a line": _moved(_step_blocks, ("shell",)),
}


def _called_plain(language: str, text: str, path: str) -> Files:
    return {"SKILL.md": f"{_HEAD}Run `{_PROGRAM[language]} {path}` first.\n", path: text + "\n"}


def _blocks(write: Callable[[re.Match[str]], str]) -> Callable[[Files, Random], Files | None]:
    """Rewrites the blocks of Markdown samples."""

    def apply(files: Files, random: Random) -> Files | None:
        found = {
            path: BLOCK.sub(write, text) if language_of(path) == "markdown" else text
            for path, text in files.items()
        }
        return found if found != files else None

    return apply


def _document(files: Files) -> tuple[str, str, str] | None:
    """Returns (path, front matter, body) of the Markdown that a sample is about."""
    paths = [path for path in files if language_of(path) == "markdown"]
    if len(paths) != 1:
        return None
    text = files[paths[0]]
    match = re.match(r"(?s)---\n.*?\n---\n", text)
    return paths[0], match.group() if match else "", text[match.end() :] if match else text


def _to_reference(files: Files, random: Random) -> Files | None:
    found = _document(files)
    if found is None:
        return None
    path, front, body = found
    head = (front or _HEAD) + "\nRead `references/guide.md` first and follow it.\n"
    return {**{p: t for p, t in files.items() if p != path}, "SKILL.md": head, "references/guide.md": body}


def _to_text(files: Files, random: Random) -> Files | None:
    found = _document(files)
    if found is None:
        return None
    path, front, body = found
    head = (front or _HEAD) + "\nRead `guide.txt` first and follow it.\n"
    return {**{p: t for p, t in files.items() if p != path}, "SKILL.md": head, "guide.txt": body}


_MARKDOWN: dict[str, Callable[[Files, Random], Files | None]] = {
    "block without tag": _blocks(lambda m: f"```\n{m['code']}```"),
    "block of another tag": _blocks(lambda m: f"```text\n{m['code']}```"),
    "block of tildes": _blocks(lambda m: f"~~~{m['tag']}\n{m['code']}~~~"),
    "block indented": _blocks(lambda m: _indented(m["code"].rstrip(), "    ")),
    "block in a quotation": _blocks(lambda m: _indented(m.group(), "> ")),
    "block in a list": _blocks(lambda m: "- Run:\n\n" + _indented(m.group(), "  ")),
    "block in details": _blocks(lambda m: f"<details>\n\n{m.group()}\n\n</details>"),
    "block with prompts": _blocks(
        lambda m: (
            f"```console\n{_indented(m['code'].rstrip(), '$ ')}\n```"
            if m["tag"] in {"bash", "sh"}
            else m.group()
        )
    ),
    "text as a reference": _to_reference,
    "text as a text file": _to_text,
}

EVASIONS: tuple[Evasion, ...] = tuple(
    Evasion(f"place: {name}", "place", apply) for name, apply in {**_ANY, **_MARKDOWN}.items()
)
