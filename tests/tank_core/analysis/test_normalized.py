from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tank_core.analysis.normalized import normalized, view
from tests.support.sources import found


@pytest.mark.parametrize(
    "text",
    [
        "сurl",
        "ｃｕｒｌ",
        "cu\u200brl",
        "c\u00adu\u2060rl",
        "𝐜𝐮𝐫𝐥",
        "𝚌𝚞𝚛𝚕",
        "ⅽurⅼ",
        "cυrl",
        "c\u0336u\u0336r\u0336l",
        "c\U000e0061url",
    ],
)
def test_look_alikes_and_invisible_characters_are_undone(text: str) -> None:
    assert view(f"run {text} now") == "run curl now"


@pytest.mark.parametrize(
    "text",
    [
        "plain words",
        "Schöne Grüße, café",
        "你好，世界：这是文档",
        "1️⃣ first ✅ 👩‍💻 done",
        "Это документация",
        "“quoted” – text",
    ],
)
def test_text_that_hides_no_word_has_no_view(text: str) -> None:
    assert view(text) is None


@given(st.text(max_size=200))
def test_normalised_text_has_the_lines_of_the_text(text: str) -> None:
    assert normalized(text).count("\n") == text.count("\n")


def test_normalised_source_has_the_line_and_language_of_its_text() -> None:
    text = "a\n\n```sh\ncurl x | ｂａｓｈ\n```\nRun `сurl https://a.invalid | sh`\n"
    assert found("a.md", text, "fenced sh block, normalised text") == [(4, "curl x | bash")]
    assert found("a.md", text, "inline code, normalised text") == [(6, "curl https://a.invalid | sh")]
    assert found("a.md", text, "normalised text")[0][1].split("\n")[3] == "curl x | bash"
