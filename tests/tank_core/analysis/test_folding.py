from __future__ import annotations

import pytest

from tank_core.analysis import folding, shell_folding
from tank_core.analysis.source import Language
from tests.support.sources import found, within


@pytest.mark.parametrize(
    ("language", "text", "folded"),
    [
        (Language.PYTHON, 'x("cu" + "rl")', 'x("curl")'),
        (Language.PYTHON, 'x("cu" "rl")', 'x("curl")'),
        (Language.PYTHON, 'x("cu"  # a comment\n  "rl")', 'x("curl"\n)'),
        (Language.PYTHON, 'x = "cu" + \\\n "rl"', 'x = "curl"\n'),
        (Language.PYTHON, 'a = "cu"\nb = "rl"\nx(a + b)', 'a = "cu"\nb = "rl"\nx("curl")'),
        (Language.PYTHON, 'a = "cu"\nx(f"{a}{\'rl\'}")', 'a = "cu"\nx("curl")'),
        (Language.PYTHON, "x(''.join(['c', 'url']))", 'x("curl")'),
        (Language.PYTHON, 'x("{}{}".format("cu", "rl"))', 'x("curl")'),
        (Language.PYTHON, 'x("{1}{0}".format("rl", "cu"))', 'x("curl")'),
        (Language.PYTHON, 'x("%s%s" % ("cu", "rl"))', 'x("curl")'),
        (Language.PYTHON, 'x("lruc"[::-1])', 'x("curl")'),
        (Language.PYTHON, 'x("c.u.r.l".replace(".", ""))', 'x("curl")'),
        (Language.PYTHON, "x(chr(99)+chr(0x75) + 'rl')", 'x("curl")'),
        (Language.PYTHON, "x(bytes([99, 117]).decode())", 'x("cu")'),
        (Language.PYTHON, r'x("\x63\165\u0072l")', 'x("curl")'),
        (Language.PYTHON, 'getattr(os, "sys" + "tem")(c)', "os.system(c)"),
        (Language.PYTHON, '__import__("o" "s").system(c)', "os.system(c)"),
        (Language.PYTHON, 'globals()["ex" + "ec"](c)', "exec(c)"),
        (Language.PYTHON, "run = exec\nrun(c)", "run = exec\nexec(c)"),
        (Language.JAVASCRIPT, "x(\"cu\"/* c */+'rl')", 'x("curl")'),
        (Language.JAVASCRIPT, "const a = 'cu';\nx(`${a}rl`)", "const a = 'cu';\nx(\"curl\")"),
        (Language.JAVASCRIPT, "x(['c','url'].join(''))", 'x("curl")'),
        (Language.JAVASCRIPT, "x('lruc'.split('').reverse().join(''))", 'x("curl")'),
        (Language.JAVASCRIPT, "x(String.fromCharCode(99,117)+'rl')", 'x("curl")'),
        (
            Language.JAVASCRIPT,
            "require('child_'+'process')['ex'+'ec'](c)",
            'require("child_process").exec(c)',
        ),
        (Language.JAVASCRIPT, "window['ev'+'al'](c)", "eval(c)"),
        (Language.PHP, "$f = 'sys' . 'tem'; x(strrev('lave'));", '$f = "system"; x("eval");'),
        (Language.RUBY, "x('cu' << 'rl')", 'x("curl")'),
        (Language.LUA, "x('cu' .. 'rl')", 'x("curl")'),
        (Language.POWERSHELL, "&('i'+'ex') $c", "iex $c"),
        (Language.POWERSHELL, "&('{1}{0}' -f 'ex','i') $c", "iex $c"),
        (Language.POWERSHELL, "x ([char]105+[char]101+'x')", 'x ("iex")'),
        (Language.VBSCRIPT, 'x "cu" & Chr(114) & "l"', 'x "curl"'),
    ],
)
def test_built_text_is_folded(language: Language, text: str, folded: str) -> None:
    assert folding.views(text, language)[-1] == folded


@pytest.mark.parametrize(
    ("language", "text", "folded"),
    [
        (Language.SHELL, "a=cu; b='rl'; $a${b} x", "a=cu; b='rl'; curl x"),
        (Language.SHELL, "a=cu\nb=${a}rl\n$b x", "a=cu\nb=curl\ncurl x"),
        (Language.SHELL, "a=xcurlx\n${a:1:4} y", "a=xcurlx\ncurl y"),
        (Language.SHELL, "curl${IFS}-s$IFS$9x", "curl -s x"),
        (Language.SHELL, "$'\\x63\\165rl' x", "curl x"),
        (Language.SHELL, "c''url x | b\"a\"sh", "curl x | bash"),
        (Language.SHELL, "c\\url x", "curl x"),
        (Language.SHELL, "c$@url x", "curl x"),
        (Language.SHELL, "$(echo cu)rl x", "curl x"),
        (Language.SHELL, "$(echo 'lruc' | rev) x", "curl x"),
        (Language.SHELL, '$(printf "\\x63url") x', "curl x"),
        (Language.POWERSHELL, "i`e`x $c", "iex $c"),
        (Language.BATCH, "c^u^rl x", "curl x"),
        (Language.BATCH, "set a=cu\n%a%rl x\n%a:~1,1%", "set a=cu\ncurl x\nu"),
    ],
)
def test_disguised_command_is_folded(language: Language, text: str, folded: str) -> None:
    assert shell_folding.view(text, language) == folded


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (Language.PYTHON, 'a = "x"\nb = "y"\nx(a, b, "z")\n"doc"\n"other"\n'),
        (Language.PYTHON, 'a = "x"\na = "y"\nx(a + b)'),
        (Language.PYTHON, 'x("café \\u2713 \\n" % y, rb"\\x63")'),
        (Language.JAVASCRIPT, "x('a', 'b'); // 'c' + 'd'\n"),
        (Language.JAVASCRIPT, "x(`${a}b`)"),
    ],
)
def test_plain_code_has_no_folded_view(language: Language, text: str) -> None:
    assert folding.views(text, language) == ()


def test_command_with_changing_variables_has_no_folded_view() -> None:
    assert shell_folding.view("for f in a b; do\n  x=$f\n  x=1\n  ls $f $x\ndone\n", Language.SHELL) is None


def test_folded_view_has_the_lines_of_its_file() -> None:
    text = 'import os\nos.system(\n  "curl x"\n  " | sh")\nos.remove("y")\n'
    ((line, view),) = found("a.py", text, "folded strings")
    assert line == 1
    assert view.split("\n")[2:] == ['  "curl x | sh"', ")", 'os.remove("y")', ""]


def test_command_that_only_folding_shows_is_a_shell_source() -> None:
    text = 'import os\nos.system("curl x" + " | sh")\n'
    assert (2, Language.SHELL, "curl x | sh", "folded strings, command in python") in within("a.py", text)


def test_encoded_text_in_pieces_is_decoded_at_its_line() -> None:
    text = 'a = 1\nx = "Y3VybCAtcyBodHRw" + "czovL2EuaW52YWxpZA=="\n'
    assert found("a.py", text, "folded strings, base64 layer 1") == [(2, "curl -s https://a.invalid")]


def test_what_is_encoded_in_one_piece_is_decoded_once() -> None:
    text = 'a = "b" + "c"\nx = "Y3VybCAtcyBodHRwczovL2EuaW52YWxpZA=="\n'
    assert [how for *_, how in within("a.py", text) if "base64" in how] == ["base64 layer 1"]
