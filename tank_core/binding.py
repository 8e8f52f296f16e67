"""Bindings: which OIDC identity may sign for an organisation's skills, and act as which publisher.

Matching a certificate's SAN alone would accept a stranger who calls an
organisation's reusable workflow, and a repository's name can be given up and taken
by somebody else. So a binding for a build names the exact issuer, the numeric ids
of owner and repository, the top-level workflow, and what it may have been started
by and from; whatever it does not name is refused.

The registry decides with it at Sign, and every client decides again, with the
binding that the registry attested.

What may be bound is a policy, which can become stricter: ``checked`` holds it, where a
binding is added. Reading asks only for what makes ``mismatches`` sound, and never for
more than when the binding was written: else an attestation of last year would become
unreadable with the policy of today.

Source: Fulcio docs/oid-info.md; PyPI, "Trusted Publishers", security model; PEERS.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields

from tank_core import canonical
from tank_core.errors import Problem, TankError, quoted
from tank_core.signer import SignerClaims

GITHUB = "https://token.actions.githubusercontent.com"
GITLAB = "https://gitlab.com"
GITHUB_HOSTED = "github-hosted"
GITLAB_HOSTED = "gitlab-hosted"
# Events that strangers can start, with the repository's identity and some with their own code.
REFUSED_TRIGGERS = frozenset(
    {
        "check_run",  # another app's, for a stranger's pull request
        "check_suite",
        "discussion",
        "discussion_comment",
        "external_pull_request_event",
        "fork",
        "gollum",  # a wiki that everybody may edit
        "issue_comment",
        "issues",
        "merge_request_event",
        "pull_request",
        "pull_request_review",
        "pull_request_review_comment",
        "pull_request_target",
        "status",  # as check_run
        "watch",
        "workflow_run",
    }
)
_ID = re.compile(r"[1-9][0-9]{0,19}")
_URL = re.compile(r"https?://[^\s@?#*]+")
_REF = re.compile(r"refs/[!-)+-~*]+")
_TRIGGER = re.compile(r"[a-z][a-z_]*")
_MAX_ITEMS = 32  # may only grow
MAX_BINDING_BYTES = 4096  # as JSON; real ones have 500, and an organisation's are one row; may only grow


class InvalidBindingError(TankError):
    """A binding would bind nothing, or too much."""

    code = "invalid-binding"
    status = 422


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One way in which claims are not those of a binding.

    ``claim`` is one of: issuer, subject, owner-id, repository-id, repository, workflow, ref,
    trigger, reusable-workflow, runner, environment.
    """

    claim: str
    wanted: str
    found: str

    def __str__(self) -> str:
        """Returns the mismatch as half a sentence."""
        return f"{self.claim}: {quoted(self.found) if self.found else 'nothing'}, bound is {self.wanted}"


@dataclass(frozen=True, slots=True)
class Binding:
    """One OIDC identity of one publisher.

    For a person ``subject`` is set and nothing below it; for a build ``subject`` is "".

    Attributes:
        publisher: id of the publisher that the identity acts as.
        issuer: the exact OIDC issuer.
        subject: the exact SAN of a person, an e-mail address.
        owner_id: number of the repository's owner.
        repository_id: number of the repository.
        repository: its URI, ``https://github.com/acme/skills``.
        workflow: URI of the top-level workflow without ``@ref``,
            ``https://github.com/acme/skills/.github/workflows/release.yml``.
        refs: the git refs it may run from; ``*`` stays within a segment: ``refs/tags/v*``.
        triggers: the events that may have started it.
        reusable_workflows: URIs of other workflows that may sign when this one calls them,
            each with ``@ref`` (exactly this one) or without (any ref of it).
        runner: ``github-hosted`` or ``gitlab-hosted``, or "" for any.
        environment: the deployment environment it must run in; "" for any.
    """

    publisher: str
    issuer: str
    subject: str = ""
    owner_id: str = ""
    repository_id: str = ""
    repository: str = ""
    workflow: str = ""
    refs: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()
    reusable_workflows: tuple[str, ...] = ()
    runner: str = ""
    environment: str = ""

    def mismatches(self, claims: SignerClaims) -> tuple[Mismatch, ...]:
        """Returns every way in which these claims are not this binding's; none when they are."""
        return tuple(_of_person(self, claims) if self.subject else _of_build(self, claims))

    def to_json(self) -> dict[str, object]:
        """Returns the binding as a JSON object, without empty fields."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {key: list(v) if isinstance(v, tuple) else v for key, v in found.items() if v}

    @classmethod
    def from_json(cls, value: object) -> Binding:
        """Returns the binding that ``to_json`` wrote, whatever may be bound today.

        Raises:
            InvalidBindingError: ``invalid-binding``, with every problem; it names nobody, or a person and a
                build at once.
        """
        if not isinstance(value, Mapping):
            raise _invalid([Problem("binding", "is not an object", "Give the fields of a binding.")])
        known = {field.name for field in fields(cls)}
        problems = [
            Problem(str(key), "is no field of a binding", "Remove it.") for key in sorted(set(value) - known)
        ]
        read: dict[str, object] = {}
        for key in known & set(value):
            wanted = _read(value[key], is_list=key in _LISTS)
            if wanted is None:
                problems.append(
                    Problem(key, "has the wrong type", "A list of texts." if key in _LISTS else "A text.")
                )
            else:
                read[key] = wanted
        if problems or not {"publisher", "issuer"} <= read.keys():
            raise _invalid(problems or [Problem("binding", "lacks publisher or issuer", "Add both.")])
        found = cls(**read)  # type: ignore[arg-type]
        _raise_if(_problems_of_structure(found))
        return found


_LISTS = frozenset({"refs", "triggers", "reusable_workflows"})
_OF_A_BUILD = (
    "owner_id",
    "repository_id",
    "repository",
    "workflow",
    *sorted(_LISTS),
    "runner",
    "environment",
)


def checked(binding: Binding) -> Binding:
    """Returns a binding that binds exactly one identity, of a kind that may be bound today.

    Raises:
        InvalidBindingError: ``invalid-binding``, with every problem.
    """
    of_policy = _policy_on_person(binding) if binding.subject else _policy_on_build(binding)
    _raise_if([*_problems_of_structure(binding), *_policy_on_issuer(binding), *of_policy])
    return binding


def best_match(bindings: tuple[Binding, ...], claims: SignerClaims) -> Binding | tuple[Mismatch, ...]:
    """Returns the binding that the claims meet, or the mismatches of the one they are nearest to.

    With no bindings at all there is nothing to meet: an empty tuple of mismatches.
    """
    nearest: tuple[Mismatch, ...] | None = None
    for binding in bindings:
        mismatches = binding.mismatches(claims)
        if not mismatches:
            return binding
        if nearest is None or len(mismatches) < len(nearest):
            nearest = mismatches
    return nearest or ()


def differing_claims(upload: SignerClaims, certificate: SignerClaims) -> tuple[str, ...]:
    """Returns the claims in which an upload's token and a certificate are not of one and the same run.

    A claim that either of them lacks is not compared: certificates before OID .23 name no environment.
    """
    return tuple(
        field.name
        for field in fields(SignerClaims)
        if getattr(upload, field.name)
        and getattr(certificate, field.name)
        and getattr(upload, field.name) != getattr(certificate, field.name)
    )


def _of_person(binding: Binding, claims: SignerClaims) -> Iterator[Mismatch]:
    yield from _unequal("issuer", binding.issuer, claims.issuer)
    if claims.is_machine or claims.owner_id:
        yield Mismatch("subject", f"the person {binding.subject}", f"a build, {claims.subject}")
    else:
        yield from _unequal("subject", binding.subject, claims.subject)


def _of_build(binding: Binding, claims: SignerClaims) -> Iterator[Mismatch]:
    yield from _unequal("issuer", binding.issuer, claims.issuer)
    yield from _another_id("owner-id", binding.owner_id, claims.owner_id)
    yield from _another_id("repository-id", binding.repository_id, claims.repository_id)
    yield from _unequal("repository", binding.repository, claims.repository)
    workflow, _, workflow_ref = claims.workflow.rpartition("@")
    yield from _unequal("workflow", binding.workflow, workflow)
    for ref in dict.fromkeys((workflow_ref, claims.ref)):
        if not ref or not any(_ref_pattern(pattern).fullmatch(ref) for pattern in binding.refs):
            yield Mismatch("ref", " or ".join(binding.refs), ref)
    if claims.trigger not in binding.triggers:
        yield Mismatch("trigger", " or ".join(binding.triggers), claims.trigger)
    yield from _of_signing_workflow(binding, claims)
    if binding.runner:
        yield from _unequal("runner", binding.runner, claims.runner)
    if binding.environment:
        yield from _unequal("environment", binding.environment, claims.environment)


def _of_signing_workflow(binding: Binding, claims: SignerClaims) -> Iterator[Mismatch]:
    """The workflow that signed is the bound one, or one of the reusable ones it may call."""
    signer = claims.signer_workflow
    if signer != claims.subject:
        yield Mismatch("subject", f"the workflow that signed, {signer}", claims.subject)
    if signer == claims.workflow:
        return
    # A ref may hold an @ itself: what is left of the last one stands for any ref only where it names none.
    any_ref = {uri for uri in binding.reusable_workflows if "@" not in uri}
    if signer not in binding.reusable_workflows and signer.rpartition("@")[0] not in any_ref:
        allowed = " or ".join((binding.workflow, *binding.reusable_workflows))
        yield Mismatch("reusable-workflow", allowed, signer)


def _unequal(claim: str, wanted: str, found: str) -> Iterator[Mismatch]:
    if wanted != found:
        yield Mismatch(claim, wanted, found)


def _another_id(claim: str, wanted: str, found: str) -> Iterator[Mismatch]:
    """Two ids that are not there are not one and the same."""
    if not wanted or wanted != found:
        yield Mismatch(claim, wanted or "a number", found)


def _ref_pattern(pattern: str) -> re.Pattern[str]:
    """Returns the pattern as an expression whose work grows with the ref's length, however many stars it has.

    A part between stars is taken where it comes first, for good: what follows has the most room then.
    """
    first, *rest = (re.escape(part) for part in pattern.split("*"))
    if not rest:
        return re.compile(first)
    *middle, last = rest
    return re.compile(first + "".join(f"(?>[^/]*?{part})" for part in middle) + f"[^/]*{last}")


def _problems_of_structure(binding: Binding) -> Iterator[Problem]:
    size_bytes = len(canonical.compact(binding.to_json()))
    if size_bytes > MAX_BINDING_BYTES:
        what = f"has {size_bytes} bytes, and at most {MAX_BINDING_BYTES} are kept"
        yield Problem("binding", what, "Make several bindings.")
    for field in fields(binding):
        value = getattr(binding, field.name)
        if not "".join(value).isprintable():  # a list's texts, or a text's characters
            yield Problem(field.name, "holds what cannot be shown", "Use printable characters only.")
    for key in sorted(_LISTS):
        if len(getattr(binding, key)) > _MAX_ITEMS:
            yield Problem(key, f"has more than {_MAX_ITEMS} items", "Make several bindings.")
    if not binding.publisher:
        yield Problem("publisher", "is empty", "Name the publisher that the identity acts as.")
    if not binding.issuer:
        yield Problem("issuer", "is empty", f"Give the exact OIDC issuer, such as {GITHUB}.")
    yield from _structure_of_person(binding) if binding.subject else _structure_of_build(binding)


def _structure_of_person(binding: Binding) -> Iterator[Problem]:
    for key in _OF_A_BUILD:
        if getattr(binding, key):
            yield Problem(key, "belongs to a build, and this is a person", "Remove it, or remove subject.")


def _structure_of_build(binding: Binding) -> Iterator[Problem]:
    for key in ("owner_id", "repository_id"):
        if not _ID.fullmatch(getattr(binding, key)):
            yield Problem(
                key, "is no number", "Names can be given up and taken; give the code host's numeric id."
            )
    for key in ("repository", "workflow", "refs", "triggers"):
        if not getattr(binding, key):
            yield Problem(
                key, "is empty", "A build is bound by all of repository, workflow, refs and triggers."
            )
    for key in sorted(_LISTS):
        if "" in getattr(binding, key):
            yield Problem(key, "has an empty item", "Remove it.")


def _policy_on_issuer(binding: Binding) -> Iterator[Problem]:
    if binding.issuer and not _URL.fullmatch(binding.issuer):
        yield Problem("issuer", "is no URL", f"Give the exact OIDC issuer, such as {GITHUB}.")


def _policy_on_person(binding: Binding) -> Iterator[Problem]:
    if "*" in binding.subject or " " in binding.subject:
        yield Problem("subject", "is no exact subject", "Give one e-mail address; there are no patterns.")


def _policy_on_build(binding: Binding) -> Iterator[Problem]:
    repository, workflow = binding.repository, binding.workflow
    if repository and not _URL.fullmatch(repository):
        yield Problem("repository", "is no URL", "Such as https://github.com/acme/skills.")
    if workflow and not (_URL.fullmatch(workflow) and workflow.startswith(f"{repository}/")):
        fix = "Give the workflow's URI without @ref, such as https://github.com/acme/skills/.github/workflows/release.yml."
        yield Problem("workflow", "is no workflow of the repository", fix)
    yield from _policy_on_lists(binding)
    if binding.runner not in ("", GITHUB_HOSTED, GITLAB_HOSTED):
        fix = f"“{GITHUB_HOSTED}” or “{GITLAB_HOSTED}”, or leave it out."
        yield Problem("runner", "is no runner that can be required", fix)


def _policy_on_lists(binding: Binding) -> Iterator[Problem]:
    if not all(_REF.fullmatch(ref) for ref in binding.refs):
        yield Problem("refs", "has one that is no git ref", "Such as refs/tags/v* or refs/heads/main.")
    if not all(_TRIGGER.fullmatch(trigger) for trigger in binding.triggers):
        yield Problem("triggers", "has one that is no event", "Such as push, release or workflow_dispatch.")
    for trigger in sorted(REFUSED_TRIGGERS.intersection(binding.triggers)):
        yield Problem("triggers", f"has {trigger}, which strangers can start", "Remove it.")
    if not all(_URL.fullmatch(uri.rpartition("@")[0] or uri) for uri in binding.reusable_workflows):
        yield Problem(
            "reusable_workflows", "has one that is no URL", "Give a workflow's URI, with or without @ref."
        )


def _read(value: object, *, is_list: bool) -> str | tuple[str, ...] | None:
    if not is_list:
        return value if isinstance(value, str) else None
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return tuple(value)
    return None


def _raise_if(problems: Iterable[Problem]) -> None:
    found = list(problems)
    if found:
        raise _invalid(found)


def _invalid(problems: list[Problem]) -> InvalidBindingError:
    return InvalidBindingError(
        "The binding is not acceptable.",
        why=f"{problems[0].where} {problems[0].what}.",
        fix=problems[0].fix,
        problems=tuple(problems),
    )
