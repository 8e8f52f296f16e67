from __future__ import annotations

import pytest

from tank_core.analysis.source import Language
from tests.support.sources import found, package_of, within


@pytest.mark.parametrize(
    ("path", "text", "line", "command", "how"),
    [
        (
            "package.json",
            '{\n "scripts": {\n  "postinstall": "node x.js"}}',
            3,
            "node x.js",
            "json: scripts.postinstall",
        ),
        ("p.json", '// c\n{"a": 1, /* x */ "run": "ls -a",}', 2, "ls -a", "json: run"),
        (
            "m.json",
            '{"s": {\n"command": "npx",\n"args": ["-y", "a b"]}}',
            2,
            "npx -y 'a b'",
            "json: s.command",
        ),
        ("m.json", '{"command": "bash", "args": ["-c", "ls | sort"]}', 1, "ls | sort", "json: command"),
        (
            "d.json",
            '{"postCreateCommand": ["sh", "-c", "ls | sort"]}',
            1,
            "ls | sort",
            "json: postCreateCommand",
        ),
        (
            "settings.json",
            '{"hooks": {"Stop": [{"hooks": [{"command": "ls -a"}]}]}}',
            1,
            "ls -a",
            "json: hooks.Stop.hooks.command",
        ),
        (
            "tasks.json",
            '{"tasks": [{"label": "x",\n "command": "make x"}]}',
            2,
            "make x",
            "json: tasks.command",
        ),
        (
            "w.yml",
            "jobs:\n  a:\n    steps:\n      - name: x\n        run: |\n          ls\n          pwd\n",
            6,
            "ls\npwd",
            "yaml: jobs.a.steps.run",
        ),
        (
            "w.yml",
            "jobs:\n  a:\n    steps:\n    - run: ls &&\n        pwd\n",
            4,
            "ls && pwd",
            "yaml: jobs.a.steps.run",
        ),
        (
            "c.yml",
            "services:\n  w:\n    command: ['sh', '-c', 'ls | sort']\n",
            3,
            "ls | sort",
            "yaml: services.w.command",
        ),
        ("c.yml", "w:\n  entrypoint:\n    - /bin/x\n    - --all\n", 2, "/bin/x --all", "yaml: w.entrypoint"),
        ("c.yml", "a: &x curl y\nrun: *x\n", 2, "curl y", "yaml: run"),
        ("p.toml", '[tool.x]\nscript = """\nls\npwd"""\n', 3, "ls\npwd", "toml: tool.x.script"),
        ("p.toml", "[tool.x]\ncmds = [\n 'ls a',\n 'pwd' ]\n", 3, "ls a", "toml: tool.x.cmds"),
        (
            "x.service",
            "[Service]\nExecStart=-/bin/x \\\n  --all\n",
            2,
            "/bin/x --all",
            "ini: Service.ExecStart",
        ),
        ("x.crontab", "# c\n*/5 * * * * curl x | sh\n", 2, "curl x | sh", "crontab: cron"),
        ("x.crontab", "@reboot /bin/x\n", 1, "/bin/x", "crontab: cron"),
        (
            "x.plist",
            "<key>ProgramArguments</key>\n<array>\n<string>sh</string><string>-c</string><string>ls | sort</string>",
            2,
            "ls | sort",
            "xml: ProgramArguments",
        ),
        ("x.csproj", '<Target>\n<Exec Command="curl x &amp;&amp; y" />', 2, "curl x && y", "xml: Command"),
        ("a.json", '{"note": "curl https://a.invalid | sh"}', 1, "curl https://a.invalid | sh", "json: note"),
    ],
)
def test_command_in_configuration_is_a_shell_source(
    path: str, text: str, line: int, command: str, how: str
) -> None:
    assert (line, Language.SHELL, command, f"command in {how}") in within(path, text)


def test_long_text_is_read_as_instructions() -> None:
    text = '{"name": "x",\n"prompt": "You must always obey what this says.\\n\\nSecond line here."}'
    assert found("a.json", text, "text in json: prompt") == [
        (2, "You must always obey what this says.\n\nSecond line here.")
    ]


def test_every_line_of_a_text_in_json_has_the_line_of_its_value() -> None:
    text = '{"name": "x",\n"prompt": "You must always obey what this says.\\n\\nSecond line here."}'
    (source,) = [s for s in package_of("a.json", text).sources if s.provenance == "text in json: prompt"]
    assert [source.line_of(line) for line in (1, 2, 3)] == [2, 2, 2]


def test_values_beyond_the_first_hundreds_share_a_source_with_their_lines() -> None:
    text = "[\n" + "".join(f'{{"run": "step number {n}"}},\n' for n in range(400)) + "]"
    (shared,) = [s for s in package_of("a.json", text).sources if s.provenance == "commands in json"]
    assert shared.lines[-1] == "step number 399"
    assert shared.line_of(len(shared.lines)) == 401


@pytest.mark.parametrize(
    "text",
    ["{", '{"a": ', "[" * 5000, '{"run": ' * 500, "a: [b\n" * 50, "- " * 3000, "&a *a: *a\n", "\t- {a: ]}"],
)
def test_text_that_no_reader_takes_is_left_as_it_is(text: str) -> None:
    for path in ("a.json", "a.yaml", "a.toml", "a.ini", "a.plist", "a.ipynb"):
        assert package_of(path, text).sources[0].text == text


def test_aliases_do_not_multiply() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"b{n}: [*a, *a]\n" for n in range(100))
    assert sum(len(s.text) for s in package_of("a.yaml", bomb).sources) < 10 * len(bomb)


def test_dockerfile_commands_are_shell_with_their_lines() -> None:
    text = 'FROM x\nRUN --mount=type=cache curl x \\\n && ls\nCMD ["sh", "-c", "ls | sort"]\nRUN <<EOF\npwd\nEOF\n'
    assert found("Dockerfile", text, "command in dockerfile") == [
        (2, "curl x \\\n && ls"),
        (4, "sh -c 'ls | sort'"),
        (6, "pwd"),
    ]


def test_recipes_of_a_makefile_are_one_shell_text_with_their_lines() -> None:
    text = "A := $(shell curl x)\nall:\n\t@curl $$X\n\nb:\n\tls\n"
    assert found("Makefile", text, "recipe in makefile") == [(3, "curl $X\nls")]
    assert found("Makefile", text, "command in makefile") == [(1, "curl x")]
    (recipe,) = [s for s in package_of("Makefile", text).sources if s.provenance == "recipe in makefile"]
    assert recipe.line_of(2) == 6


def test_html_gives_scripts_handlers_comments_and_its_text() -> None:
    text = (
        "<html>\n<!-- obey -->\n<script>\nfetch(1)</script>\n<p onclick='run(12)'>Two &amp; three words</p>"
    )
    assert [(line, provenance) for line, _, _, provenance in within("a.html", text)] == [
        (2, "html comment"),
        (3, "script in html"),
        (5, "handler in html"),
        (1, "text of html"),
    ]
    assert found("a.html", text, "text of html")[0][1].split("\n")[-1].strip() == "Two & three words"
