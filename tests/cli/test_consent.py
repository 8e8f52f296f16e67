"""What enters a project only with a person's yes: at a terminal a question, elsewhere a refusal with the option."""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tank_cli import context as contexts
from tank_core.findings import Verdict
from tests.support.registry_double import RegistryDouble

NOTES = "@acme/notes"
Answers = Callable[..., None]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Puts a person at a terminal who types these lines, one after the other."""

    def sit(*lines: str) -> None:
        monkeypatch.setattr(contexts.Context, "interactive", property(lambda self: True))
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))

    return sit


def budget(project: Path, **manifest: Any) -> None:
    (project / "skills.json").write_text(json.dumps(manifest))


def permissions(project: Path) -> object:
    return json.loads((project / "skills.json").read_text()).get("permissions")


def lock(project: Path) -> dict[str, Any]:
    skills: dict[str, Any] = json.loads((project / "skills.lock").read_text())["skills"]
    return skills


def test_new_permissions_are_shown_with_their_meaning_and_written_after_a_yes(
    tank: Any, trusted: RegistryDouble, project: Path, answers: Answers
) -> None:
    budget(project)
    trusted.publish(
        NOTES, "1.0.0", capabilities={"subprocess": ["jq"], "network": {"outbound": ["api.example"]}}
    )
    answers("y")
    result = tank("add", NOTES)
    assert result.exit_code == 0, result.err
    assert f"{NOTES}@1.0.0 from jo, not signed" in result.told
    assert "may send anything it has read to api.example" in result.told
    assert "may start, with all your rights, jq" in result.told
    assert permissions(project) == {"network": {"outbound": ["api.example"]}, "subprocess": ["jq"]}
    assert tank("ci").exit_code == 0


@pytest.mark.parametrize("answer", ["n", "", "what"])
def test_anything_but_a_yes_leaves_the_project_as_it_was(
    tank: Any, trusted: RegistryDouble, project: Path, answers: Answers, answer: str
) -> None:
    budget(project, skills={})
    before = (project / "skills.json").read_bytes()
    trusted.publish(NOTES, "1.0.0", capabilities={"subprocess": ["jq"]})
    answers(answer)
    result = tank("add", NOTES)
    assert result.exit_code in (7, 130)
    assert (project / "skills.json").read_bytes() == before
    assert not (project / "skills.lock").exists()
    assert not [request for request in trusted.requests if "/blobs/" in request]


def test_without_a_terminal_the_refusal_names_the_option_that_allows_exactly_this(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    budget(project)
    trusted.publish(NOTES, "1.0.0", capabilities={"subprocess": ["jq"], "secrets": ["A_TOKEN"]})
    refused = tank("add", NOTES)
    assert refused.exit_code == 7
    assert "--allow subprocess:jq --allow secrets:A_TOKEN" in refused.told
    assert tank("add", NOTES, "--allow", "subprocess:jq").exit_code == 7
    assert tank("add", NOTES, "--allow", "subprocess:jq", "--allow", "secrets:A_TOKEN").exit_code == 0
    assert permissions(project) == {"subprocess": ["jq"], "secrets": ["A_TOKEN"]}


@pytest.mark.parametrize(
    "text", ["jq", "subprocess", "programs:jq", "network.outbound:", "network.outbound:a b"]
)
def test_a_permission_that_is_none_is_a_usage_error_or_a_policy_one(
    tank: Any, trusted: RegistryDouble, text: str
) -> None:
    result = tank("install", "--allow", text, "--json")
    assert (result.exit_code, result.error_code) == (2, "invalid-permissions")


def test_ci_neither_asks_nor_writes(
    tank: Any, trusted: RegistryDouble, project: Path, answers: Answers
) -> None:
    trusted.publish(NOTES, "1.0.0", capabilities={"subprocess": ["git"]})
    assert tank("add", NOTES).exit_code == 0
    budget(project, skills={NOTES: "^1.0.0"})
    before = (project / "skills.json").read_bytes()
    answers("y")
    result = tank("ci")
    assert (result.exit_code, "--allow" in result.err) == (7, False)
    assert (project / "skills.json").read_bytes() == before


def test_a_flagged_version_shows_what_was_found_before_it_asks(
    tank: Any, trusted: RegistryDouble, project: Path, answers: Answers
) -> None:
    trusted.publish(NOTES, "1.0.0", verdict=Verdict.FLAGGED, score=4.0)
    findings = {"rule_id": "raw-address", "category": "network", "severity": "medium", "confidence": "high"}
    words = {
        "title": "A raw address",
        "file": "run.sh",
        "evidence": "",
        "why": "-",
        "fix": "-",
        "provenance": "",
    }
    found = [{**findings, **words, "line": 3, "taxonomy": []}]
    document = {
        "name": NOTES,
        "version": "1.0.0",
        "verdict": "flagged",
        "audit_score": 4.0,
        "findings": found,
    }
    path = "/v1/skills/acme/notes/versions/1.0.0/findings"
    trusted.routes["GET", path] = lambda body, headers: (200, {}, json.dumps(document).encode())
    answers("y")
    result = tank("add", NOTES)
    assert result.exit_code == 0, result.err
    assert "medium: “A raw address” (run.sh:3)" in result.told
    assert lock(project)[NOTES]["flagged_accepted"] is True


def test_what_others_wrote_forges_no_line_of_a_question(
    tank: Any, trusted: RegistryDouble, project: Path, answers: Answers
) -> None:
    forged = "x\n    no findings: it is harmless, say y\u202e"
    trusted.publish(NOTES, "1.0.0", verdict=Verdict.FLAGGED, score=4.0)
    one = {"rule_id": "a", "category": "b", "severity": f"new{forged}", "confidence": "high", "title": forged}
    one |= {"file": forged + "y" * 5000, "line": 0, "evidence": "", "why": "", "fix": "", "provenance": ""}
    other = {**one, "file": forged, "line": 7, "severity": "low"}
    found = [{**one, "taxonomy": []}, {**other, "taxonomy": []}]
    head = {"name": NOTES, "version": "1.0.0", "verdict": "flagged", "audit_score": 4.0}
    document = json.dumps({**head, "findings": found}).encode()
    path = "/v1/skills/acme/notes/versions/1.0.0/findings"
    trusted.routes["GET", path] = lambda body, headers: (200, {}, document)
    answers("n")
    result = tank("add", NOTES)
    assert result.exit_code == 8
    assert not [line for line in result.err.splitlines() if line.strip().startswith("no findings")]
    assert "\u202e" not in result.err
    assert len(result.err) < 3000
    assert result.told.index("new") < result.told.index(
        "low:"
    )  # a severity that is not known is no small one


def test_findings_that_cannot_be_read_are_said_and_keep_nobody_from_deciding(
    tank: Any, trusted: RegistryDouble, answers: Answers
) -> None:
    trusted.publish(NOTES, "1.0.0", verdict=Verdict.FLAGGED, score=4.0)
    answers("y")
    result = tank("add", NOTES)
    assert (result.exit_code, "findings cannot be read now" in result.told) == (0, True)


def test_a_yes_to_one_flagged_version_is_none_to_the_next(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish(NOTES, "1.0.0", verdict=Verdict.FLAGGED, score=4.0)
    yes = ("--accept", f"flagged:{NOTES}@1.0.0")
    assert tank("add", NOTES, *yes).exit_code == 0
    trusted.publish(NOTES, "1.1.0", verdict=Verdict.FLAGGED, score=4.0)
    budget(project, skills={NOTES: "^1.1.0"}, permissions={"subprocess": ["git"]})
    refused = tank("install", *yes, "--json")
    assert (refused.exit_code, refused.error_code) == (8, "flagged-version")
    assert refused.document["error"]["fix"].endswith(f"--accept flagged:{NOTES}@1.1.0")
    assert lock(project)[NOTES]["version"] == "1.0.0"


def test_add_takes_the_newest_version_that_is_old_enough_and_tells_which_it_passed_over(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    (project / "skills.json").write_text(json.dumps({"audit": {"min_release_age": "72h"}}))
    trusted.publish(NOTES, "1.9.0")
    trusted.publish(NOTES, "2.0.0", published_at=int(time.time()))
    told = tank("add", NOTES)
    assert told.exit_code == 0
    assert "@acme/notes 2.0.0 is too young for audit.min_release_age, by 3 days: 1.9.0 is added" in told.told
    assert json.loads((project / "skills.json").read_text())["skills"] == {NOTES: "^1.9.0"}
    accepted = tank("add", NOTES, "--accept", f"young:{NOTES}@2.0.0")
    assert "+ @acme/notes" in accepted.out or "→ 2.0.0" in accepted.out


def test_add_passes_over_what_falls_short_of_the_users_own_policy(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish(NOTES, "1.0.0", score=9.5)
    trusted.publish(NOTES, "1.1.0", score=5.0)
    assert tank("config", "set", "audit.min_score", "8").exit_code == 0
    told = tank("add", NOTES, "--exact")
    assert "1.1.0 has the score 5, and audit.min_score is 8: 1.0.0 is added" in told.told
    assert json.loads((project / "skills.json").read_text())["skills"] == {NOTES: "1.0.0"}


def test_a_young_version_is_refused_with_its_own_option_and_then_kept(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish(NOTES, "1.0.0", published_at=int(time.time()) - 60)
    budget(project, skills={NOTES: "^1.0.0"}, audit={"min_release_age": "72h"})
    refused = tank("install", "--json")
    assert (refused.exit_code, refused.error_code) == (7, "young-version")
    assert tank("install", "--accept", f"young:{NOTES}@1.0.0").exit_code == 0
    assert tank("ci").exit_code == 0
    assert tank("update").exit_code == 0  # asks no second time for what was let in
    assert tank("update", NOTES).exit_code == 0
    trusted.publish(NOTES, "1.1.0", published_at=int(time.time()) - 60)
    assert tank("update").exit_code == 0
    assert lock(project)[NOTES]["version"] == "1.0.0"  # and the yes is none to the next one


@pytest.mark.parametrize("command", [("update",), ("install",), ("install", "--lock-only")], ids=" ".join)
def test_what_is_written_into_the_budget_is_said_also_where_nothing_else_changes(
    tank: Any, trusted: RegistryDouble, project: Path, command: tuple[str, ...]
) -> None:
    trusted.publish(NOTES, "1.0.0")
    assert tank("add", NOTES).exit_code == 0
    asked = (*command, "--allow", "network.outbound:more.example", "--allow", "subprocess:git")
    would = "skills.json would allow now: network.outbound:more.example"
    assert would in tank(*asked, "--dry-run").told
    told = tank(*asked)
    assert "skills.json allows now: network.outbound:more.example\n" in told.out  # git was allowed before
    assert "more.example" in (project / "skills.json").read_text()
    assert tank(*asked, "--json").document["allowed"] == {}


def test_an_older_version_is_taken_without_a_question_where_there_is_one(
    tank: Any, trusted: RegistryDouble, project: Path, answers: Answers
) -> None:
    trusted.publish(NOTES, "1.0.0")
    trusted.publish(NOTES, "1.1.0", published_at=int(time.time()) - 60)
    budget(project, skills={NOTES: "^1.0.0"}, audit={"min_release_age": "72h"})
    answers()
    assert tank("install").exit_code == 0
    assert lock(project)[NOTES]["version"] == "1.0.0"


def test_a_new_publisher_is_asked_about_by_name(
    tank: Any, trusted: RegistryDouble, project: Path, answers: Answers
) -> None:
    trusted.publish(NOTES, "1.0.0")
    assert tank("add", NOTES).exit_code == 0
    trusted.publish(NOTES, "1.1.0", publisher="mallory")
    refused = tank("update")
    assert (refused.exit_code, f"--accept publisher:{NOTES}@1.1.0" in refused.told) == (7, True)
    answers("y")
    result = tank("update")
    assert (result.exit_code, "A taken-over skill looks exactly like this" in result.told) == (0, True)
    assert lock(project)[NOTES]["publisher"] == "mallory"


def test_what_failed_is_never_asked_about(tank: Any, trusted: RegistryDouble, answers: Answers) -> None:
    trusted.publish(NOTES, "1.0.0")
    trusted.rescan(NOTES, "1.0.0", Verdict.FAIL, 0.0)
    answers("y", "y")
    result = tank("add", f"{NOTES}@1.0.0")
    assert (result.exit_code, "Accept" in result.err) == (9, False)


@pytest.mark.parametrize("option", ["--json", "--dry-run"])
def test_nobody_is_asked_in_json_or_in_a_dry_run(
    tank: Any, trusted: RegistryDouble, project: Path, answers: Answers, option: str
) -> None:
    budget(project)
    trusted.publish(NOTES, "1.0.0", capabilities={"subprocess": ["jq"]})
    answers("y")
    assert tank("add", NOTES, option).exit_code == 7


@pytest.mark.parametrize(
    "text",
    ["flagged", f"{NOTES}@1.0.0", f"flagged:{NOTES}", "cheap:@acme/notes@1.0.0", "flagged:notes@1.0.0"],
)
def test_a_consent_that_names_no_release_is_a_usage_error(
    tank: Any, trusted: RegistryDouble, text: str
) -> None:
    result = tank("install", "--accept", text, "--json")
    assert (result.exit_code, result.error_code) == (2, "invalid-consent")


def test_an_update_says_what_a_skill_may_do_now_that_it_could_not_before(
    tank: Any, trusted: RegistryDouble
) -> None:
    trusted.publish(NOTES, "1.0.0")
    assert tank("add", NOTES).exit_code == 0
    trusted.publish(NOTES, "1.1.0", capabilities={"subprocess": ["git"]})
    result = tank("update")
    assert (result.exit_code, "may now: subprocess:git" in result.told) == (0, True)
