from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tank_core.analysis.markdown import Block, parse


def test_blocks_keep_tag_line_and_text() -> None:
    document = parse("a\n```bash\ncurl x\n```\n\n~~~~ py title=x\n~~~\nb\n~~~~\n")
    assert document.blocks == (Block("bash", 3, "curl x"), Block("py", 7, "~~~\nb"))


def test_block_in_a_list_or_a_quotation_is_found() -> None:
    assert [block.tag for block in parse("1. ```sh\n   ls\n   ```\n> ```js\n> x\n> ```\n").blocks] == [
        "sh",
        "js",
    ]


def test_unclosed_block_runs_to_the_end() -> None:
    assert parse("```sh\nls\npwd").blocks == (Block("sh", 2, "ls\npwd"),)


@given(st.text(alphabet="`~ab\n >1.", max_size=200))
def test_prose_has_the_lines_of_the_text(text: str) -> None:
    prose = parse(text).prose.split("\n")
    assert len(prose) == len(text.split("\n"))
    assert all(kept in ("", line) for kept, line in zip(prose, text.split("\n"), strict=True))
