"""A skill says what it is in its name, description, title and links home, at its root."""

from __future__ import annotations

import pytest

from tank_core.analysis.identity import identity_of
from tests.support.sources import package_with


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("SKILL.md", "---\nname: weather\n---\nText\n", "weather"),
        ("SKILL.md", "---\nname: a\ndescription: >-\n  Shows the\n  weather.\n---\n", "weather."),
        ("SKILL.md", '---\ndescription: "Shows\n  the weather"\n---\n', "the weather"),
        ("SKILL.md", "---\nmetadata:\n  author: Skyfall\n---\n", "Skyfall"),
        ("SKILL.md", "# The weather\n\nText\n", "The weather"),
        ("readme.md", "# The weather\n", "The weather"),
        ("skills.json", '{"name": "@acme/weather"}', "@acme/weather"),
        ("package.json", '{"repository": "https://forge.invalid/acme/weather"}', "acme/weather"),
    ],
)
def test_identity_holds(name: str, text: str, said: str) -> None:
    assert said in identity_of(package_with({name: text}))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SKILL.md", "---\nname: a\n---\n\nskyfall\n\n## skyfall\n"),
        ("SKILL.md", "---\nname: a\nallowed-tools: skyfall\n---\n"),
        ("SKILL.md", "Text\n\n---\nname: skyfall\n---\n"),
        ("docs/SKILL.md", "---\nname: skyfall\n---\n"),
        ("notes.md", "# skyfall\n"),
        ("package.json", '{"keywords": ["skyfall"]}'),
    ],
)
def test_identity_leaves_out(name: str, text: str) -> None:
    assert "skyfall" not in identity_of(package_with({name: text}))


def test_package_that_says_nothing_has_an_empty_identity() -> None:
    assert identity_of(package_with({"a.py": "print(1)\n"})) == ""
