"""Names, tables and decoders of code and of shell text read as what they come to, line for line."""

from __future__ import annotations

import pytest

from tank_core.analysis import folding, shell_folding
from tank_core.analysis.source import Language


@pytest.mark.parametrize(
    ("language", "text", "last"),
    [
        (Language.PYTHON, "import os as q\nq.system(c)", "os.system(c)"),
        (Language.PYTHON, "from os import system as s\ns(c)", "os.system(c)"),
        (Language.PYTHON, "import os\nvars(os)['system'](c)", "os.system(c)"),
        (Language.PYTHON, "import os\nos.__dict__['system'](c)", "os.system(c)"),
        (Language.PYTHON, "C = {'k': 'a.invalid'}\nx(C['k'])", 'x("a.invalid")'),
        (Language.PYTHON, "P = ['a', '/b']\nx(P[1])", "x('/b')"),
        (Language.PYTHON, "def h():\n    return 'a'\nx(h())", "x('a')"),
        (Language.PYTHON, "class C:\n    k = 'a'\nx(C.k)", "x('a')"),
        (Language.PYTHON, "x(__import__('base64').b64decode('Y3VybA==').decode())", 'x("curl")'),
        (Language.PYTHON, "x(bytes.fromhex('6375726c').decode())", 'x("curl")'),
        (Language.PYTHON, "x(''.join(chr(c ^ 1) for c in [98, 116, 115, 109]))", 'x("curl")'),
        (Language.PYTHON, "p = ''\np += 'a.in'\np += 'valid'\nx(p)", 'x("a.invalid")'),
        (Language.PYTHON, "H, P = 'a.invalid', 4\nx((H, P), 'a' + 'b')", "x((H, P), 'ab')"),
        (Language.PYTHON, "requests \\\n  .post(a)", ""),
        (Language.JAVASCRIPT, 'const q = require("fs");\nq.readFile(a)', "fs.readFile(a)"),
        (Language.JAVASCRIPT, 'const { exec: r } = require("child_process");\nr(a)', "child_process.exec(a)"),
        (Language.JAVASCRIPT, "(0, eval)(a)", "eval(a)"),
        (Language.JAVASCRIPT, 'Reflect.get(globalThis, "eval")(a)', "eval(a)"),
        (Language.JAVASCRIPT, "const w = fetch;\nw(a)", "fetch(a)"),
        (Language.JAVASCRIPT, 'x(atob("Y3VybA=="))', 'x("curl")'),
        (
            Language.JAVASCRIPT,
            "x([99, 117, 114, 108].map((c) => String.fromCharCode(c)).join(''))",
            'x("curl")',
        ),
        (Language.POWERSHELL, "iNVOKE-wEBREQUEST $u", "Invoke-WebRequest $u"),
    ],
)
def test_code_is_read_under_its_own_names(language: Language, text: str, last: str) -> None:
    view = folding.views(text, language)[-1]
    assert view.split("\n")[-1].replace("'", '"') == last.replace("'", '"')
    assert view.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("alias g=curl\ng -s x", "curl -s x"),
        ('f() { curl "$@"; }\nf -s x', "curl -s x"),
        ("/usr/bin/cur? -s x", "curl -s x"),
        ("$(which curl) -s x", "curl -s x"),
        ("$(echo Y3VybA== | base64 -d) -s x", "curl -s x"),
        ("command curl -s x", "curl -s x"),
        ('"curl" -s x', "curl -s x"),
        ("{curl,-s,x}", "curl -s x"),
        ('a=(curl -s x)\n"${a[@]}"', "curl -s x"),
        ("u=a.inv\nu+=alid\ncurl $u", "curl a.invalid"),
        ('c\\url -s "x"', 'curl -s "x"'),
        ('B="$(curl x)"\nsh -c "$B"', 'sh -c "$(curl x)"'),
    ],
)
def test_shell_is_read_under_its_own_names(text: str, last: str) -> None:
    view = shell_folding.view(text, Language.SHELL) or ""
    assert view.split("\n")[-1].strip() == last
    assert view.count("\n") == text.count("\n")
