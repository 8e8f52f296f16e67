"""Files that a package reads and writes by a path that its text tells.

Temporary files and devices are left out. A path below the home or the root of the
file system is taken as it is; any other one is the project's, or the skill's own
where the code starts from its own place (``__file__``, ``__dirname__``).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tank_core.analysis.observers import files_shell
from tank_core.analysis.observers.code import without_comments
from tank_core.analysis.observers.literals import literals_of
from tank_core.analysis.observers.observation import Observation
from tank_core.analysis.observers.paths import entry
from tank_core.analysis.observers.python_code import argument
from tank_core.analysis.observers.python_values import Evaluator, evaluator_of
from tank_core.analysis.observers.values import HOLE, Values
from tank_core.analysis.observers.view import ALONE, View, is_read_as_code
from tank_core.analysis.source import Language, Source
from tank_core.permissions import Access

_READ, _WRITE = Access.FILESYSTEM_READ, Access.FILESYSTEM_WRITE
# Python: last part of the call → (access, position of the path).
_PYTHON = {
    "makedirs": (_WRITE, 0),
    "mkdir": (_WRITE, 0),
    "os.remove": (_WRITE, 0),
    "os.unlink": (_WRITE, 0),
    "rmtree": (_WRITE, 0),
    "listdir": (_READ, 0),
    "scandir": (_READ, 0),
    "os.walk": (_READ, 0),
    "glob.glob": (_READ, 0),
    "glob.iglob": (_READ, 0),
    "read_csv": (_READ, 0),
    "read_excel": (_READ, 0),
    "sqlite3.connect": (_WRITE, 0),
    "load_dotenv": (_READ, 0),
    "dotenv_values": (_READ, 0),
}
_COPIES = frozenset({"copy", "copy2", "copyfile", "copytree", "move", "rename", "replace"})
_METHODS = {
    **dict.fromkeys(("read_text", "read_bytes", "iterdir", "glob", "rglob"), _READ),
    **dict.fromkeys(("write_text", "write_bytes", "unlink", "mkdir", "touch", "rmdir"), _WRITE),
}
_CALL = re.compile(
    r"(?<![\w$])(?P<name>readFileSync|readFile|createReadStream|readdirSync|readdir|existsSync"
    r"|writeFileSync|writeFile|appendFileSync"
    r"|appendFile|createWriteStream|mkdirSync|mkdir|unlinkSync|unlink|rmSync|copyFileSync|renameSync"
    r"|readTextFile|writeTextFile|Bun\.file|Bun\.write"
    r"|File\.(?:read|open|write|readlines|foreach|new)|IO\.read|Dir\.glob|FileUtils\.(?:mkdir_p"
    r"|rm_rf|cp|mv)|YAML\.load_file|JSON\.load_file"
    r"|file_get_contents|file_put_contents|fopen|readfile|scandir|os\.(?:ReadFile|WriteFile|Open"
    r"|Create|OpenFile|MkdirAll|Remove(?:All)?|ReadDir)"
    r"|ioutil\.(?:ReadFile|WriteFile)|open|Path|expanduser)\s{0,4}\(\s{0,40}"
)
_PS_CALL = re.compile(
    r"(?i)\b(?P<name>Get-Content|Set-Content|Add-Content|Out-File|Import-Csv|Export-Csv"
    r"|Get-ChildItem|Remove-Item|New-Item)\s{1,4}"
    r"(?:-(?:Path|FilePath|LiteralPath)\s{1,4})?(?=[\"'$~./\w])"
)
_WRITES = re.compile(
    r"(?i)write|append|mkdir|unlink|rm|rename|put_contents|create(?:$)|remove|set-content"
    r"|add-content|out-file|export|new-item|MkdirAll|os\.Create$"
)
_MODE = re.compile(
    r"[^\n]{0,200}?,\s{0,9}(?:mode\s?=\s?)?[\"'][rb]{0,2}[wax+]|[^\n]{0,120}?\)\.(?:write_|open\([\"'][wax])"
)
_OWN = re.compile(
    r"__file__|__dirname|import\.meta\.(?:url|dirname|dir)|__dir__|__DIR__|PSScriptRoot|BASH_SOURCE"
    r"|CLAUDE_PLUGIN_ROOT|CLAUDE_SKILL_DIR"
)


def observe(source: Source, view: View = ALONE) -> Iterator[Observation]:
    """Yields each path that a source reads or writes; None where all of it is computed."""
    if source.provenance.startswith("inline"):
        return
    if source.language is Language.SHELL:
        yield from files_shell.observe(source, view)
    elif source.language is Language.PYTHON and (found := evaluator_of(source.text, source.file, view)):
        yield from _python(found)
    elif is_read_as_code(source):
        yield from _text(source, view)


def _python(evaluator: Evaluator) -> Iterator[Observation]:
    for name, call in evaluator.file.calls():
        for access, target in _opened(name, call, evaluator):
            own = _is_own(target, evaluator)
            yield from _observations(access, evaluator.values(target), call.lineno, own=own)


def _opened(name: str, call: ast.Call, evaluator: Evaluator) -> Iterator[tuple[Access, ast.expr]]:
    last = name.rpartition(".")[2]
    if name in {
        "open",
        "io.open",
        "codecs.open",
        "gzip.open",
        "aiofiles.open",
        "zipfile.ZipFile",
        "tarfile.open",
    }:
        target = argument(call, 0, "file")
        if target is not None:
            yield _mode(argument(call, 1, "mode"), evaluator), target
        return
    if name in _PYTHON or last in _PYTHON:
        access, position = _PYTHON.get(name) or _PYTHON[last]
        target = argument(call, position, "path", "dotenv_path")
        if target is not None:
            yield access, target
            return
    if last in _COPIES and name.partition(".")[0] in {"shutil", "os"}:
        yield from ((a, t) for a, t in zip((_READ, _WRITE), call.args, strict=False))
    elif isinstance(call.func, ast.Attribute) and (last in _METHODS or last == "open"):
        access = _METHODS.get(last) or _mode(argument(call, 0, "mode"), evaluator)
        yield access, call.func.value


def _mode(mode: ast.expr | None, evaluator: Evaluator) -> Access:
    text = evaluator.values(mode)[0] if mode is not None else "r"
    return _WRITE if re.search(r"[wax+]", text) else _READ


def _is_own(target: ast.expr, evaluator: Evaluator, depth: int = 0) -> bool:
    """Returns whether a path starts from the place of the script itself."""
    for count, node in enumerate(ast.walk(target)):
        if count > 200 or depth > 4:
            return False
        if isinstance(node, ast.Name):
            if node.id == "__file__":
                return True
            bound = evaluator.file.bindings.get(node.id, [])[:2]
            if any(_is_own(value, evaluator, depth + 1) for value in bound if value is not target):
                return True
    return False


def _observations(access: Access, values: Values, line: int, *, own: bool) -> Iterator[Observation]:
    found = [path for text in values if (path := entry(_without_start(text) if own else text, own=own))]
    for path in dict.fromkeys(found):
        yield Observation(access, path, line)
    if not found and not own and all(text.startswith(HOLE) for text in values):
        yield Observation(access, None, line)


def _without_start(text: str) -> str:
    return text.lstrip(HOLE).lstrip("/") if text.startswith(HOLE) else text


def _text(source: Source, view: View) -> Iterator[Observation]:
    text = without_comments(source)
    found = literals_of(text, source.file, view)
    pattern = _PS_CALL if source.language is Language.POWERSHELL else _CALL
    for match in pattern.finditer(text):
        values = found.at(match.end())
        after = text[match.end() : match.end() + 300]
        is_written = _WRITES.search(match["name"]) or (
            match["name"].endswith(("open", "Path", "OpenFile")) and _MODE.match(after)
        )
        own = _OWN.search(after.partition("\n")[0]) is not None
        if any("://" in value for value in values):
            continue
        access = _WRITE if is_written else _READ
        yield from _observations(access, values, source.local_line_at(match.start()), own=own)
