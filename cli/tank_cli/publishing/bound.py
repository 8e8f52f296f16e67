"""A binding as it is written on a command line, and as it is read.

Both services write the workflow's URI in a form of their own; both are those of the
certificate, because that is what a binding is compared with.

Source: Fulcio, docs/oid-info.md, "Build Config URI"; GitLab, ``ci_config_ref_uri``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tank_cli.failures import UsageError
from tank_core.binding import GITHUB, GITHUB_HOSTED, GITLAB, GITLAB_HOSTED, Binding, checked
from tank_core.names import SkillName, parse_org

_DEFAULT_TRIGGERS = ("push",)  # of a branch or a tag; whoever may push may release
_GITHUB_FOLDER = ".github/workflows"
_GITLAB_FILE = ".gitlab-ci.yml"


@dataclass(frozen=True, slots=True)
class Given:
    """The options of ``tank binding add``; "" and () are those that were left out.

    Attributes:
        github: ``owner/repository``.
        gitlab: ``group/project``, with subgroups.
        workflow: a file of the repository; for GitHub a bare name lies in .github/workflows.
        any_runner: do not ask for a runner of the service's own.
    """

    publisher: str
    github: str = ""
    gitlab: str = ""
    issuer: str = ""
    subject: str = ""
    owner_id: str = ""
    repository_id: str = ""
    workflow: str = ""
    refs: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()
    reusable_workflows: tuple[str, ...] = ()
    any_runner: bool = False
    environment: str = ""


def target_of(text: str) -> tuple[str, str]:
    """Returns the organisation, without ``@``, and the skill that a binding is for; "" for the whole.

    Args:
        text: ``@org`` or ``@org/skill``.

    Raises:
        InvalidNameError: invalid-name.
    """
    if "/" in text:
        name = SkillName.parse(text)
        return name.org, str(name)
    return parse_org(text.removeprefix("@"), allow_reserved=True), ""


def binding_of(given: Given) -> Binding:
    """Returns the binding that the options describe.

    Raises:
        UsageError: usage; they describe no identity, or two.
        InvalidBindingError: invalid-binding, with every problem.
    """
    _check_issuer(given.issuer)
    kinds = [bool(given.github), bool(given.gitlab), bool(given.subject)]
    if sum(kinds) != 1:
        raise _usage(
            "Give exactly one of --github, --gitlab and --subject.", "A binding is for one identity."
        )
    if given.subject:
        return _person(given)
    missing = [option for option, value in _ids(given) if not value]
    if missing:
        why = "Names can be given up and taken by somebody else; the numbers cannot."
        raise _usage(f"{' and '.join(missing)} must be given.", why, _how_to_find_ids(given))
    return _github(given) if given.github else _gitlab(given)


def doubts_about(binding: Binding, known_issuers: frozenset[str]) -> Iterator[str]:
    """Yields why a person's binding may be one that nobody can ever meet.

    Args:
        binding: of a person, acceptable in itself.
        known_issuers: of people who can sign for the registry; empty when it is not known.
    """
    if "@" not in binding.subject:
        yield f"the subject {binding.subject} is no e-mail address, and people are known by theirs"
    if known_issuers and binding.issuer not in known_issuers:
        known = ", ".join(sorted(known_issuers))
        yield f"this registry's Sigstore knows no issuer {binding.issuer}; people come from {known}"


def lines_of(binding: Binding) -> Iterator[tuple[str, str]]:
    """Yields what a binding says, as labels and texts; everything that it compares."""
    yield "publisher", binding.publisher
    yield "issuer", binding.issuer
    if binding.subject:
        yield "subject", binding.subject
        return
    yield "repository", f"{binding.repository} (repository {binding.repository_id}, owner {binding.owner_id})"
    yield "workflow", binding.workflow
    yield "refs", ", ".join(binding.refs)
    yield "triggers", ", ".join(binding.triggers)
    yield "reusable", ", ".join(binding.reusable_workflows) or "none: no other workflow may sign"
    yield "runner", binding.runner or "any, self-hosted ones too"
    yield "environment", binding.environment or "any"


def _check_issuer(issuer: str) -> None:
    if issuer.endswith("/"):
        raise _usage(
            f"--issuer {issuer} ends in a slash.",
            "Issuers are compared to the letter, and those that Sigstore knows end in none.",
            f"Give it without: --issuer {issuer.rstrip('/')}",
        )


def _person(given: Given) -> Binding:
    of_builds = [option for option, value in (*_ids(given), *_build_options(given)) if value]
    if of_builds:
        raise _usage(f"{', '.join(of_builds)} say nothing of a person.", "--subject names one.")
    if not given.issuer:
        raise _usage(
            "--issuer must be given with --subject.",
            "The same address means different people at different providers.",
            "Give the provider's exact issuer, as it stands in a certificate of theirs.",
        )
    return checked(Binding(given.publisher, given.issuer, subject=given.subject))


def _github(given: Given) -> Binding:
    if given.issuer:
        raise _usage("--issuer does not go with --github.", f"GitHub Actions has one issuer, {GITHUB}.")
    workflow = given.workflow if "/" in given.workflow else f"{_GITHUB_FOLDER}/{given.workflow}"
    repository = f"https://github.com/{given.github}"
    uri = f"{repository}/{workflow}" if given.workflow else ""
    return checked(_build(given, GITHUB, repository, uri, GITHUB_HOSTED))


def _gitlab(given: Given) -> Binding:
    issuer = given.issuer or GITLAB
    repository = f"{issuer}/{given.gitlab}"
    uri = f"{repository}//{given.workflow or _GITLAB_FILE}"  # GitLab's own form, with two strokes
    return checked(_build(given, issuer, repository, uri, GITLAB_HOSTED))


def _build(given: Given, issuer: str, repository: str, workflow: str, runner: str) -> Binding:
    return Binding(
        publisher=given.publisher,
        issuer=issuer,
        owner_id=given.owner_id,
        repository_id=given.repository_id,
        repository=repository,
        workflow=workflow,
        refs=given.refs,
        triggers=given.triggers or _DEFAULT_TRIGGERS,
        reusable_workflows=given.reusable_workflows,
        runner="" if given.any_runner else runner,
        environment=given.environment,
    )


def _ids(given: Given) -> tuple[tuple[str, str], ...]:
    return ("--owner-id", given.owner_id), ("--repository-id", given.repository_id)


def _build_options(given: Given) -> tuple[tuple[str, object], ...]:
    return (
        ("--workflow", given.workflow),
        ("--ref", given.refs),
        ("--trigger", given.triggers),
        ("--reusable", given.reusable_workflows),
        ("--any-runner", given.any_runner),
        ("--environment", given.environment),
    )


def _how_to_find_ids(given: Given) -> str:
    if given.github:
        return f"gh api repos/{given.github} --jq '.owner.id,.id'   (owner, then repository)"
    project = given.gitlab.replace("/", "%2F")
    return f"glab api projects/{project} | jq '.namespace.id,.id'   (owner, then repository)"


def _usage(what: str, why: str, fix: str = "See `tank binding add --help`.") -> UsageError:
    return UsageError(what, why=why, fix=fix)
