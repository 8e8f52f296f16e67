"""A name that is one slip away from a well-known one is an imitation; the well-known neighbours are not."""

from __future__ import annotations

import pytest

from tank_core.analysis.detectors.popular_names import NPM, PYPI, VENDORS
from tank_core.analysis.detectors.supply_chain import imitated_packages, imitated_vendors
from tests.support.sources import package_with


def _imitations(name: str, text: str) -> list[str]:
    return [hit.evidence for hit in imitated_packages(package_with({name: text}))]


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("reqeusts", "requests"),
        ("requestss", "requests"),
        ("colorma", "colorama"),
        ("matplotlip", "matplotlib"),
        ("c0lorama", "colorama"),
        ("co1orama", "colorama"),
        ("beautifulsoup", "beautifulsoup4"),
        ("python_dateuti1", "python-dateutil"),
        ("Pandsa", "pandas"),
    ],
)
def test_python_slip_is_an_imitation(slip: str, meant: str) -> None:
    assert _imitations("a.sh", f"pip install {slip}\n") == [f"{slip.lower()} looks like {meant}"]
    assert _imitations("requirements.txt", f"{slip}==1.0\n") == [f"{slip.lower()} looks like {meant}"]


@pytest.mark.parametrize(
    ("slip", "meant"), [("expresss", "express"), ("lodahs", "lodash"), ("typescirpt", "typescript")]
)
def test_npm_slip_is_an_imitation(slip: str, meant: str) -> None:
    said = [f"{slip} looks like {meant}"]
    assert _imitations("a.sh", f"npm install --save-dev {slip}@1.0.0\n") == said
    assert _imitations("a.sh", f"npx -y {slip}\n") == said
    assert _imitations("package.json", f'{{"dependencies": {{"{slip}": "1"}}}}') == said
    assert _imitations("package.json", f'{{"devDependencies": {{"a": "1", "{slip}": "1"}}}}') == said
    assert _imitations("SKILL.md", f"```bash\nnpm i {slip}\n```\n") == said


@pytest.mark.parametrize(
    "text",
    [
        "pip install requests requests-oauthlib python_dateutil PyYAML",
        "pip install flasks six sixs",
        "pip install -r reqeusts.txt --index-url reqeusts numpy",
        "pip install './requests' 'numpy>=1'",
        "npm install react preact @types/react ./local",
        "npm run lodahs",
    ],
    ids=["known", "too short", "values of options", "paths", "neighbours", "no installation"],
)
def test_other_names_are_no_imitations(text: str) -> None:
    assert _imitations("a.sh", text + "\n") == []


def test_prose_and_other_files_install_nothing() -> None:
    assert _imitations("SKILL.md", "The package reqeusts is a slip of requests.\n") == []
    assert _imitations("notes.txt", "reqeusts==1.0\n") == []
    assert _imitations("package.json", '{"scripts": {"lodahs": "1"}}') == []


@pytest.mark.parametrize(("listed", "install"), [(PYPI, "pip install"), (NPM, "npm install")])
def test_no_well_known_name_imitates_another(listed: frozenset[str], install: str) -> None:
    assert _imitations("a.sh", "".join(f"{install} {name}\n" for name in sorted(listed))) == []


def _vendors(name: str, more: str = "") -> list[str]:
    text = f"---\nname: {name}\ndescription: Does it. {more}\n---\n\n# It\n"
    return [hit.evidence for hit in imitated_vendors(package_with({"SKILL.md": text}))]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("githubb-issues", "github"),
        ("my-anthropc", "anthropic"),
        ("goog1e-docs", "google"),
        ("dicsord", "discord"),
    ],
)
def test_skill_named_one_slip_from_a_vendor_is_found(name: str, meant: str) -> None:
    (said,) = _vendors(name)
    assert said.startswith(f"{name}: ")
    assert said.endswith(f" looks like {meant}")


@pytest.mark.parametrize("name", ["github-issues", "docked", "weather", "linear-algebra", "notes"])
def test_skill_with_a_name_of_its_own_is_left_alone(name: str) -> None:
    assert _vendors(name) == []


def test_word_that_the_skill_explains_is_its_own() -> None:
    assert _vendors("notions-shop", "Sells notions.") == []


def test_no_vendor_imitates_another() -> None:
    assert [name for name in sorted(VENDORS) if _vendors(name)] == []
