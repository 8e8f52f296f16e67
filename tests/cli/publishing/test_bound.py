"""From options to a binding: what each service's identity looks like, and what is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tank_cli.failures import UsageError
from tank_cli.publishing.bound import Given, binding_of, doubts_about, lines_of, target_of
from tank_core.binding import GITHUB, InvalidBindingError
from tank_core.names import InvalidNameError
from tests.support.identities import build_claims

ON_GITHUB: dict[str, Any] = {
    "publisher": "acme-ci",
    "github": "acme/skills",
    "owner_id": "1001",
    "repository_id": "2002",
    "workflow": "release.yml",
    "refs": ("refs/tags/v*",),
}
ON_GITLAB: dict[str, Any] = {
    "publisher": "acme-ci",
    "gitlab": "acme/tools/skills",
    "owner_id": "31",
    "repository_id": "32",
    "refs": ("refs/tags/v*",),
}
PERSON: dict[str, Any] = {
    "publisher": "jo",
    "issuer": "https://accounts.example",
    "subject": "jo@acme.example",
}


def test_a_github_workflow_by_its_file_name_is_one_that_its_builds_meet() -> None:
    assert binding_of(Given(**ON_GITHUB)).mismatches(build_claims()) == ()


def test_a_github_binding_asks_for_a_hosted_runner_and_a_push_unless_told_otherwise() -> None:
    strict = binding_of(Given(**ON_GITHUB))
    assert (strict.issuer, strict.runner, strict.triggers) == (GITHUB, "github-hosted", ("push",))
    loose = binding_of(Given(**ON_GITHUB, any_runner=True, triggers=("release", "workflow_dispatch")))
    assert (loose.runner, loose.triggers) == ("", ("release", "workflow_dispatch"))


def test_a_workflow_with_a_folder_is_taken_from_the_repositorys_root() -> None:
    binding = binding_of(Given(**ON_GITHUB | {"workflow": ".github/workflows/release.yml"}))
    assert binding == binding_of(Given(**ON_GITHUB))


def test_a_gitlab_pipeline_has_gitlabs_own_form_of_its_file() -> None:
    binding = binding_of(Given(**ON_GITLAB))
    assert binding.issuer == "https://gitlab.com"
    assert binding.repository == "https://gitlab.com/acme/tools/skills"
    assert binding.workflow == "https://gitlab.com/acme/tools/skills//.gitlab-ci.yml"
    assert binding.runner == "gitlab-hosted"


def test_a_gitlab_of_ones_own_is_its_own_issuer() -> None:
    binding = binding_of(Given(**ON_GITLAB, issuer="https://git.acme.example"))
    assert binding.issuer == "https://git.acme.example"
    assert binding.repository == "https://git.acme.example/acme/tools/skills"


def test_a_person_is_an_exact_issuer_and_address() -> None:
    binding = binding_of(Given(**PERSON))
    assert binding.to_json() == {
        "publisher": "jo",
        "issuer": "https://accounts.example",
        "subject": "jo@acme.example",
    }


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"publisher": "jo"}, "exactly one of"),
        (ON_GITHUB | {"gitlab": "acme/skills"}, "exactly one of"),
        (ON_GITHUB | {"subject": "jo@acme.example"}, "exactly one of"),
        (ON_GITHUB | {"owner_id": ""}, "--owner-id must"),
        (ON_GITHUB | {"owner_id": "", "repository_id": ""}, "--owner-id and --repository-id must"),
        (ON_GITHUB | {"issuer": "https://github.example"}, "--issuer does not go"),
        (PERSON | {"issuer": ""}, "--issuer must"),
        (PERSON | {"refs": ("refs/tags/v*",), "any_runner": True}, "--ref, --any-runner say nothing"),
    ],
    ids=[
        "nobody",
        "two services",
        "a build and a person",
        "no owner id",
        "no ids",
        "another github",
        "a person without issuer",
        "a person's ref",
    ],
)
def test_options_that_describe_no_one_identity_are_refused(options: dict[str, Any], what: str) -> None:
    with pytest.raises(UsageError, match=re.escape(what)):
        binding_of(Given(**options))


@pytest.mark.parametrize(
    "options",
    [PERSON | {"issuer": "https://accounts.example/"}, ON_GITLAB | {"issuer": "https://accounts.example//"}],
    ids=["a person's", "a GitLab of one's own"],
)
def test_an_issuer_that_ends_in_a_slash_is_refused_with_the_one_that_is_meant(
    options: dict[str, Any],
) -> None:
    with pytest.raises(UsageError, match="ends in a slash") as caught:
        binding_of(Given(**options))
    assert caught.value.fix.endswith("--issuer https://accounts.example")


@pytest.mark.parametrize(
    ("options", "known", "words"),
    [
        (PERSON, {"https://accounts.example"}, []),
        (PERSON, set(), []),
        (PERSON | {"subject": "jo"}, {"https://accounts.example"}, ["jo is no e-mail address"]),
        (PERSON, {"https://one.example", "https://two.example"}, ["https://one.example, https://two"]),
        (PERSON | {"subject": "jo"}, {"https://one.example"}, ["no e-mail", "no issuer https://accounts"]),
    ],
    ids=["none", "unknown", "no address", "another issuer", "both"],
)
def test_what_is_doubtful_about_a_person_is_told(
    options: dict[str, Any], known: set[str], words: list[str]
) -> None:
    told = list(doubts_about(binding_of(Given(**options)), frozenset(known)))
    assert len(told) == len(words)
    assert all(word in line for word, line in zip(words, told, strict=True))


@pytest.mark.parametrize(
    ("options", "command"),
    [
        (ON_GITHUB, "gh api repos/acme/skills --jq '.owner.id,.id'"),
        (ON_GITLAB, "glab api projects/acme%2Ftools%2Fskills"),
    ],
    ids=["github", "gitlab"],
)
def test_missing_ids_come_with_the_command_that_finds_them(options: dict[str, Any], command: str) -> None:
    with pytest.raises(UsageError) as caught:
        binding_of(Given(**options | {"repository_id": ""}))
    assert command in caught.value.fix


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"workflow": ""}, "workflow"),
        ({"refs": ()}, "refs"),
        ({"owner_id": "acme"}, "owner_id"),
        ({"triggers": ("pull_request_target",)}, "triggers"),
    ],
)
def test_a_binding_that_binds_too_much_is_refused_before_it_is_sent(
    change: dict[str, Any], where: str
) -> None:
    with pytest.raises(InvalidBindingError) as caught:
        binding_of(Given(**ON_GITHUB | change))
    assert [problem.where for problem in caught.value.problems] == [where]


def test_what_is_shown_names_everything_that_is_compared() -> None:
    shown = dict(lines_of(binding_of(Given(**ON_GITHUB, environment="release"))))
    assert shown["repository"] == "https://github.com/acme/skills (repository 2002, owner 1001)"
    assert shown["refs"] == "refs/tags/v*"
    assert shown["environment"] == "release"
    assert shown["reusable"].startswith("none")
    assert set(dict(lines_of(binding_of(Given(**PERSON))))) == {"publisher", "issuer", "subject"}


@pytest.mark.parametrize(
    ("text", "target"),
    [("@acme", ("acme", "")), ("acme", ("acme", "")), ("@acme/notes", ("acme", "@acme/notes"))],
)
def test_a_binding_is_for_an_organisation_or_for_one_skill(text: str, target: tuple[str, str]) -> None:
    assert target_of(text) == target


@pytest.mark.parametrize("text", ["", "@", "@Acme", "@acme/", "@acme/a/b"])
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(InvalidNameError):
        target_of(text)
