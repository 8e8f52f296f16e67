"""Whether a publish is signed, and by whom: the decision, before anything is done."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tank_cli.publishing.demands import Demands
from tank_cli.publishing.signature import Options, Way, way_of
from tank_cli.signing.ambient import GITHUB, Ambient, IdentityUnavailableError
from tank_core.names import SkillName
from tests.support.identities import build_binding

NAME = SkillName.parse("@acme/notes")
FREE = Demands(NAME, (), forbids_tokens=False)
BOUND = Demands(NAME, (build_binding(),), forbids_tokens=False)
JOB = Ambient(GITHUB)


@pytest.mark.parametrize(
    ("options", "demands", "ambient", "has_terminal", "way"),
    [
        (Options(), FREE, None, True, Way.UNSIGNED),
        (Options(), FREE, None, False, Way.UNSIGNED),
        (Options(), FREE, JOB, False, Way.BUILD),
        (Options(), BOUND, JOB, False, Way.BUILD),
        (Options(), BOUND, None, True, Way.PERSON),
        (Options(sign=True), FREE, None, True, Way.PERSON),
        (Options(sign=True), FREE, JOB, True, Way.BUILD),
        (Options(sign=False), BOUND, JOB, False, Way.UNSIGNED),
        (Options(sign=False), BOUND, None, True, Way.UNSIGNED),
        (Options(bundle=Path("x")), BOUND, None, False, Way.GIVEN),
        (Options(bundle=Path("x")), FREE, JOB, False, Way.GIVEN),
    ],
    ids=[
        "a laptop, nothing bound",
        "a script, nothing bound",
        "a job, nothing bound",
        "a job, bound",
        "a laptop, bound",
        "a laptop, wanted",
        "a job in a terminal, wanted",
        "a job, unwanted",
        "a laptop, unwanted",
        "a bundle",
        "a bundle in a job",
    ],
)
def test_who_can_sign_signs_where_it_counts(
    options: Options, demands: Demands, ambient: Ambient | None, has_terminal: bool, way: Way
) -> None:
    assert way_of(options, demands, ambient, {}, has_terminal=has_terminal) is way


@pytest.mark.parametrize("options", [Options(), Options(sign=True)], ids=["bound", "wanted"])
@pytest.mark.parametrize(
    ("environment", "fix"),
    [({}, "terminal"), ({"GITHUB_ACTIONS": "true"}, "id-token: write"), ({"GITLAB_CI": "1"}, "id_tokens")],
    ids=["a script", "github", "gitlab"],
)
def test_a_signature_that_nobody_can_give_is_a_refusal_with_its_fix(
    options: Options, environment: Mapping[str, str], fix: str
) -> None:
    with pytest.raises(IdentityUnavailableError) as caught:
        way_of(options, BOUND, None, environment, has_terminal=False)
    assert fix in caught.value.fix
    assert caught.value.exit_code == 4
