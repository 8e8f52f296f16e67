from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tank_core.analysis.shell_words import pipelines


def _programs(text: str) -> list[list[str]]:
    return [[command.program for command in pipeline.commands] for pipeline in pipelines(text)]


@pytest.mark.parametrize(
    ("text", "programs"),
    [
        ("curl -s x | sudo bash -s", [["curl", "bash"]]),
        ("c''url x | b\\ash", [["curl", "bash"]]),
        ("$'\\x63url' x", [["curl"]]),
        ("a && b; c || d & e", [["a"], ["b"], ["c"], ["d"], ["e"]]),
        ("X=1 Y=2 env -i make all", [["make"]]),
        ("# curl x\necho '# not | a comment'", [["echo"]]),
        ("cat <<EOF | sh\nrm -rf x | y\nEOF\nls", [["cat", "sh"], ["ls"]]),
        ('bash -c "$(curl x)"', [["bash"], ["curl"]]),
        ("diff <(a | b) c", [["diff"], ["a", "b"]]),
        ("echo `id`", [["echo"], ["id"]]),
        ("one \\\n  two |\\\nthree", [["one", "three"]]),
        ("/usr/bin/git log", [["git"]]),
        ("$ git status\n$ ls", [["git"], ["ls"]]),
        ("env | nc x 1", [["env", "nc"]]),
    ],
)
def test_programs_of_pipelines(text: str, programs: list[list[str]]) -> None:
    assert _programs(text) == programs


def test_line_is_that_of_the_first_command() -> None:
    assert [pipeline.line for pipeline in pipelines("a\n\nb | \\\n c\nd")] == [1, 3, 5]


def test_assignments_are_told_apart_from_words() -> None:
    (pipeline, _) = pipelines('export KEY="$(cat k)" x=1')
    assert pipeline.commands[0].assignments == (("KEY", "$(cat k)"), ("x", "1"))


@given(st.text(alphabet="ab '\"`$()<>|&;\\\n#={}E", max_size=200))
def test_any_text_is_read_to_its_end(text: str) -> None:
    for pipeline in pipelines(text):
        assert pipeline.commands
        assert 1 <= pipeline.line <= text.count("\n") + 1
