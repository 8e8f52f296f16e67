"""Programs that a package starts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tank_core.analysis.observers.code import without_comments
from tank_core.analysis.observers.literals import literals_of
from tank_core.analysis.observers.observation import Observation
from tank_core.analysis.observers.python_code import argument
from tank_core.analysis.observers.python_values import Evaluator, evaluator_of
from tank_core.analysis.observers.shell_values import ShellVariables, variables_of
from tank_core.analysis.observers.shell_words_seen import inner_commands, is_cut, seen
from tank_core.analysis.observers.values import HOLE, UNKNOWN, Values
from tank_core.analysis.observers.view import ALONE, View, is_read_as_code
from tank_core.analysis.observers.word_lists import listed
from tank_core.analysis.source import Language, Source
from tank_core.permissions import Access

_BUILTINS = listed(
    ": . [ [[ alias bg break case cd continue declare done echo elif esac eval exec exit export false "
    "fg fi for function getopts hash in jobs let local popd printf pushd pwd read readonly return "
    "select set shift shopt source test trap true type typeset ulimit umask unalias unset wait { } (( "
    "if then else while until do command builtin time mapfile readarray dirs disown suspend bind "
    "caller compgen "
    "complete enable help history logout env sudo nohup xargs timeout"
)
_INTERPRETERS = re.compile(
    r"(?:python|node|ruby|perl|php|bash|sh|zsh|deno|bun|uv|npx|tsx|ts-node|pwsh)[\d.]*"
)
# What stands at the start of a line in quoted code or output, and is no program.
_NO_PROGRAM = re.compile(
    r"(?!(?:Rscript|Xvfb|R)$)(?:[A-Z][a-z]+|[A-Z0-9_-]+|import|from|async|await|def|class|lambda|print|as|not|and|or|with|pass"
    r"|const|var|let|[a-z]|\d.*)|.*\.(?!exe$|\d)[A-Za-z].*"
)
_SCRIPT = re.compile(r"\.(?:py|js|mjs|cjs|ts|rb|pl|php|sh|bash|ps1)$|^-m$")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")
# "start|run)" of a case statement: words that a closing parenthesis follows at once.
_CASE_LABEL = re.compile(r"(?m)^[ \t]{0,40}\(?(?P<names>[\w.*?\"'|\[\]/ -]{1,200})\)")
_PYTHON_LIST = re.compile(
    r"(?:^|\.)(?:subprocess\.(?:run|call|check_call|check_output|Popen|getoutput|getstatusoutput)"
    r"|os\.(?:system|popen)"
    r"|create_subprocess_(?:exec|shell)|shutil\.which|which|pexpect\.(?:spawn|run)|(?:asyncio|anyio"
    r"|trio)\.run_process|invoke\.run"
    r"|os\.(?:exec[lv]p?e?|posix_spawnp?)|plumbum\.local|sh\.Command|delegator\.run|pty\.spawn)$"
)
_OS_SPAWN = re.compile(r"os\.spawn\w+$")
_BARE_NAMES = frozenset(
    {
        "check_output",
        "Popen",
        "check_call",
        "getoutput",
        "which",
        "create_subprocess_exec",
        "create_subprocess_shell",
    }
)
# A call of another language that starts a program by its first argument.
_CALL = re.compile(
    r"(?:(?<![\w$.])(?:(?:child_process|childProcess|cp|Process|Open3|Kernel|IO|exec|proc_open"
    r"|shelljs|shell|Bun|Deno|system)"
    r"(?:\.|::)(?:exec|spawn|capture2e?|capture3|popen3?|pipeline|Command(?:Context)?|LookPath|run"
    r"|which|execFile|spawnSync|execSync)"
    r"|spawn|execa(?:Sync|Command|CommandSync)?|execAsync|execFileAsync|execPromise|passthru"
    r"|proc_open|popen|system|exec"
    r"|new\s{1,4}Deno\.Command|Start-Process(?:\s{1,4}-FilePath)?)|child_process[\"']\)\.(?:exec"
    r"|spawn|execFile)"
    r"|(?<![\w$])(?:execFileSync|execFile|execSync|spawnSync|shell_exec))(?:\s{0,4}\("
    r"|(?<=[smch])\s{1,4}(?=[\"'])"
    r"|(?<=Process)\s{1,4}(?=[\"'\w])|(?<=FilePath)\s{1,4})\s{0,40}(?:ctx,\s?)?(?P<list>\[\s{0,40})?"
)
_TAGGED = re.compile(r"(?<![\w$])(?:\$|Bun\.\$|\$\.sync|zx|execa|shell)`(?P<command>[^`\n]{1,400})")
_BACKTICK = re.compile(r"(?<![\\\w])(?:`|%x[{(\[])(?P<command>[^`\n)}\]]{2,400})")
_NODE = re.compile(r"child_process|execa|[\"']zx[\"']|cross-spawn|shelljs|Bun\.|Deno\.|node-pty|execAsync")
_OTHER = frozenset({Language.RUBY, Language.PHP, Language.POWERSHELL})
_BINS = re.compile(r"[\"']?(?:any_?)?[bB]ins[\"']?\s{0,4}:\s{0,20}\[(?P<names>[^\[\]]{1,600})\]")
# Arithmetic and arrays: words in them are no commands.
_VALUES = re.compile(
    r"\$?\(\((?:[^()$`\n]|\$(?!\()|\([^()$`\n]{0,200}\)){0,400}+\)\)|(?<![\w$])\w{1,80}\+?=\((?:[^()`$]|\$(?!\()){0,2000}+\)"
)
_SOURCES = re.compile(r"(?m)^[ \t]{0,40}(?:source|\.)[ \t]")
_ALLOWED = re.compile(r"\bBash\((?P<name>[A-Za-z0-9][\w.+-]{0,60})(?:[ :*/][^()]{0,200})?\)")


def observe(source: Source, view: View = ALONE) -> Iterator[Observation]:
    """Yields each program a source is seen to start, and starts whose program is computed."""
    if source.provenance.startswith("inline"):
        return
    if source.language is Language.SHELL:
        yield from _shell(source, view)
    elif source.language is Language.PYTHON and (found := evaluator_of(source.text, source.file, view)):
        yield from _python(found, view)
    elif is_read_as_code(source):
        yield from _text(source, view)
    elif source.language is Language.MARKDOWN and source.is_whole_file:
        yield from _allowed(source)


def _allowed(source: Source) -> Iterator[Observation]:
    """Yields the programs that front matter allows the agent to start."""
    if not source.text.startswith("---"):
        return
    end = source.text.find("\n---", 3)
    for match in _ALLOWED.finditer(source.text, 0, max(end, 0)):
        yield Observation(Access.SUBPROCESS, match["name"], source.local_line_at(match.start()))
    for match in _BINS.finditer(source.text, 0, max(end, 0)):
        for name in re.findall(r"[A-Za-z0-9][\w.+-]{0,60}", match["names"]):
            yield Observation(Access.SUBPROCESS, name, source.local_line_at(match.start()))


def _shell(source: Source, view: View) -> Iterator[Observation]:
    is_joined = _SOURCES.search(source.text) is not None
    own = {name for file, name in view.functions if is_joined or file == source.file}
    labels = {n.strip(" \"'") for m in _CASE_LABEL.finditer(source.text) for n in m["names"].split("|")}
    variables = variables_of(source.text, source.file, view)
    for pipeline in seen(_VALUES.sub(_blank, source.text)):
        for command in pipeline.commands:
            for words in inner_commands(command.words):
                if len(command.words) == 1 and words[0] in labels:
                    continue
                for name in _started(words, own, variables, view):
                    yield Observation(Access.SUBPROCESS, name, pipeline.line)
    if is_cut(source.text):
        yield Observation(Access.SUBPROCESS, None, 1)


def _blank(match: re.Match[str]) -> str:
    return "0" + re.sub(r"[^\n]", " ", match.group()[1:])


def _started(
    words: tuple[str, ...], own: set[str], variables: ShellVariables, view: View
) -> Iterator[str | None]:
    """Yields the programs a command starts: none for builtins, functions and the package's own scripts."""
    first = words[0]
    if first in {"command", "type", "which", "hash"} or "://" in first:
        return
    for text in variables.expanded(first):
        if HOLE in text:
            if text == HOLE and first.startswith("$") and not first.startswith(("$(", "$[")):
                yield None
            continue
        name = text.split()[0].rsplit("/", 1)[-1] if text.split() else ""
        if name and name not in own and _is_program(name, text, words, view):
            yield name


def _is_program(name: str, text: str, words: tuple[str, ...], view: View) -> bool:
    if name in _BUILTINS or not _NAME.fullmatch(name) or _NO_PROGRAM.fullmatch(name):
        return False
    if "/" in text and (text.startswith(("./", "../", "~/")) or view.has_script(text)):
        return False
    return not (_INTERPRETERS.fullmatch(name) and any(_SCRIPT.search(word) for word in words[1:4]))


def _python(evaluator: Evaluator, view: View) -> Iterator[Observation]:
    for name, call in evaluator.file.calls():
        root = name.partition(".")[0]
        if _OS_SPAWN.search(name):
            yield from _of_values(evaluator.values(argument(call, 1)), call.lineno, view)
        elif _PYTHON_LIST.search(name) and ("." in name or name in _BARE_NAMES):
            target = argument(call, 0, "args", "cmd", "command")
            yield from _of_values(_first_item(target, evaluator), call.lineno, view)
        elif root == "sh" and "sh" in evaluator.file.imports and name.count(".") == 1:
            yield Observation(Access.SUBPROCESS, name.partition(".")[2].replace("_", "-"), call.lineno)


def _first_item(target: ast.expr | None, evaluator: Evaluator, depth: int = 0) -> Values:
    """Returns what the program of a command list, or a command line, may be."""
    match target:
        case ast.List(elts=[first, *_]) | ast.Tuple(elts=[first, *_]):
            return evaluator.values(first.value if isinstance(first, ast.Starred) else first)
        case ast.BinOp(left=left, op=ast.Add()) if not isinstance(left, ast.Constant | ast.JoinedStr):
            found = _first_item(left, evaluator, depth + 1) if depth < 8 else UNKNOWN
            return found if found != UNKNOWN else evaluator.values(target)
        case ast.Name(id=name) | ast.Attribute(attr=name) if depth < 4:
            bound = evaluator.file.bindings.get(name, [])[:8]
            lists = [b for b in bound if isinstance(b, ast.List | ast.Tuple) and b.elts]
            if lists:
                return tuple(text for item in lists for text in _first_item(item, evaluator, depth + 1))[:8]
    if isinstance(target, ast.Call) and evaluator.file.dotted(target.func).endswith("split") and target.args:
        return evaluator.values(target.args[0])
    return evaluator.values(target)


def _of_values(values: Values, line: int, view: View) -> Iterator[Observation]:
    for text in values:
        words = text.split()
        name = words[0].rsplit("/", 1)[-1] if words else ""
        if HOLE in name or not name:
            if text.startswith(HOLE):
                yield Observation(Access.SUBPROCESS, None, line)
        elif name in {"env", "sudo", "bash", "sh", "timeout", "nohup"} and len(words) > 1:
            for inner in inner_commands(tuple(words)):
                yield from _of_values((inner[0],), line, view)
        elif _NAME.fullmatch(name) and not _SCRIPT.search(name) and name not in _BUILTINS:
            yield Observation(Access.SUBPROCESS, name, line)


def _text(source: Source, view: View) -> Iterator[Observation]:
    text = without_comments(source)
    is_node = (
        source.language in {Language.JAVASCRIPT, Language.TYPESCRIPT} or source.language is Language.TEXT
    )
    is_go = source.file.endswith(".go")
    if is_node and not is_go and not source.file.endswith((".pl", ".pm")) and not _NODE.search(text):
        return
    found = literals_of(text, source.file, view)
    for match in _CALL.finditer(text):
        if not text[match.end() : match.end() + 1].strip(")"):
            continue
        line = source.local_line_at(match.start())
        values = found.at(match.end())
        is_plain_name = re.match(r"[A-Za-z_$]", text[match.end() : match.end() + 1]) is not None
        if values == UNKNOWN and (
            is_plain_name and not match["list"] and source.language is Language.POWERSHELL
        ):
            word = re.match(r"[\w.-]{1,60}", text[match.end() : match.end() + 60])
            values = (word.group(),) if word else UNKNOWN
        yield from _of_values(values, line, view)
    tagged = [_TAGGED] + (
        [_BACKTICK] if source.language is Language.RUBY or source.file.endswith((".pl", ".pm")) else []
    )
    for pattern in tagged if source.language is not Language.PHP else ():
        for match in pattern.finditer(text):
            yield from _of_values(
                (match["command"].replace("${", HOLE),), source.local_line_at(match.start()), view
            )
    if source.language is Language.POWERSHELL:
        yield from _powershell(source, text, view)


_POWERSHELL = re.compile(
    r"(?m)^[ \t]{0,40}(?:&[ \t]{0,4})?[\"']?(?P<name>[a-z][a-z0-9.-]{1,40}?)(?:\.exe)?[\"']?[ \t]{1,8}"
    r"[^\s=(][^\n]{0,400}$"
)
_PS_WORDS = listed(
    "if else elseif for foreach while do switch function param return try catch finally throw begin "
    "process end break continue "
    "in using class enum exit trap filter data until echo write cd set dir copy move del rm cp mv "
    "cat ls iwr irm iex curl wget"
)


def _powershell(source: Source, text: str, view: View) -> Iterator[Observation]:
    for match in _POWERSHELL.finditer(text):
        if match["name"] not in _PS_WORDS and not view.has_script(match["name"]):
            yield Observation(Access.SUBPROCESS, match["name"], source.local_line_at(match.start("name")))
