"""Asks the person at the terminal before something enters a project that they did not agree to yet.

What it is, from whom, and why it matters is shown first. Nobody is asked twice for one
thing, a yes covers exactly what was shown, and Enter means no. Without a terminal, with
``--json`` and for a dry run the refusal stands, and names the option that allows exactly this.

Source: PEERS, "What users of these systems complain about most".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from tank_cli import render
from tank_cli.console import printable
from tank_cli.installer.options import Options
from tank_core.budget import PermissionBudgetError, allow_options
from tank_core.consent import Acceptance, ConsentNeededError, Risk
from tank_core.errors import TankError, quoted
from tank_core.lockfile import LockedSkill
from tank_core.names import SkillName
from tank_core.permissions import ANY_PROGRAM, Access, Entry, contains, entries

if TYPE_CHECKING:
    from tank_cli.client.connection import Connection
    from tank_cli.context import Context

_MOST_FINDINGS = 5
_MOST_CHARACTERS = 160
_MEANINGS = {
    Access.NETWORK_OUTBOUND: "send anything it has read to",
    Access.NETWORK_INBOUND: "accept connections on",
    Access.FILESYSTEM_READ: "read",
    Access.FILESYSTEM_WRITE: "change or delete",
    Access.SUBPROCESS: "start, with all your rights,",
    Access.SECRETS: "read from the environment the secret",
}
_WHY = {
    Risk.FLAGGED: "Its scan found something that a person should look at before an agent runs it.",
    Risk.YOUNG: "It is younger than this project wants: malicious releases are mostly found within days.",
    Risk.PUBLISHER: "A taken-over skill looks exactly like this. Ask its maintainers by another way.",
}


class Asker:
    """Turns a refusal into a question, and a yes into options.

    Args:
        context: says whether there is a person to ask.
        connection: where findings are read.
    """

    def __init__(self, context: Context, connection: Connection) -> None:
        self._context = context
        self._connection = connection

    def allowed(
        self, refusal: PermissionBudgetError, locked: Mapping[SkillName, LockedSkill], options: Options
    ) -> Options:
        """Returns the options with a larger budget, when the person says yes.

        Raises:
            PermissionBudgetError: permission-budget; nobody can be asked, or the answer is no.
        """
        if options.is_frozen or contains(
            options.allow, refusal.addition
        ):  # it may not change, or did not help
            raise refusal
        refusal.fix += f"\nor run the command again with {allow_options(refusal.addition)}"
        count = len(refusal.gaps)
        title = f"{count} skill{'s' * (count != 1)} would get new permissions:"
        lines = [
            line
            for name, gap in refusal.gaps.items()
            for line in _permission_lines(name, locked.get(name), entries(gap))
        ]
        self._ask(refusal, options, title, lines, "Allow this, and write it into skills.json?")
        return options.allowing(refusal.addition)

    def accepted(
        self, refusal: ConsentNeededError, locked: Mapping[SkillName, LockedSkill], options: Options
    ) -> Options:
        """Returns the options with a yes to what a refusal is about, when the person says it.

        Raises:
            ConsentNeededError: the refusal itself; nobody can be asked, the answer is no, or no yes helps.
        """
        needed = [accepts for accepts in refusal.needed if accepts not in options.consent.given]
        if not needed:
            raise refusal
        lines = [
            line for accepts in needed for line in self._release_lines(accepts, locked.get(accepts.name))
        ]
        title = f"{refusal.what}\n"
        self._ask(refusal, options, title, lines, f"Accept {'this' if len(needed) == 1 else 'all of this'}?")
        return options.accepting(needed)

    def _ask(
        self, refusal: TankError, options: Options, title: str, lines: Iterable[str], prompt: str
    ) -> None:
        """Passes when the person says yes."""
        console = self._context.console
        if not self._context.can_ask or options.is_dry_run:
            raise refusal
        console.progress("")
        console.say(title)
        for line in lines:
            console.say(printable(line))  # each is one line, whatever somebody else wrote into it
        console.say("")
        if not self._context.agrees(prompt):
            raise refusal

    def _release_lines(self, accepts: Acceptance, locked: LockedSkill | None) -> Iterator[str]:
        yield f"  {accepts.label}  {_from_whom(locked)}"
        yield f"    {_WHY[accepts.risk]}"
        if accepts.risk is Risk.FLAGGED:
            yield from self._findings(accepts)

    def _findings(self, accepts: Acceptance) -> Iterator[str]:
        """Yields what was found in a version, worst first; or that it cannot be read now."""
        from tank_cli.client.api import skill_path
        from tank_core.wire.skills import FindingsDocument

        try:
            path = skill_path(str(accepts.name), str(accepts.version), "findings")
            found = self._connection.api().get(path, FindingsDocument).findings
        except TankError as error:
            yield f"    Its findings cannot be read now: {error.what}"
            return
        worst = sorted(found, key=lambda one: (-_rank(one.severity), one.file, one.line))
        for one in worst[:_MOST_FINDINGS]:
            place = f"{one.file}:{one.line}" if one.line else one.file
            yield f"    {_short(one.severity)}: {quoted(one.title)} ({_short(place)})"
        if len(worst) > _MOST_FINDINGS:
            yield f"    and {len(worst) - _MOST_FINDINGS} more: tank info {accepts.label}"


def _permission_lines(name: SkillName, locked: LockedSkill | None, wanted: Iterable[Entry]) -> Iterator[str]:
    version = f"@{locked.version}" if locked else ""
    yield f"  {name}{version}  {_from_whom(locked)}"
    for entry in wanted:
        is_any = entry.type is Access.SUBPROCESS and entry.value == ANY_PROGRAM.value
        yield f"    may {_MEANINGS[entry.type]} {'any program' if is_any else entry.value}"


def _rank(severity: str) -> int:
    """Returns how bad a severity is; one that a newer registry knows, and this does not, is the worst."""
    from tank_core.findings import Severity  # most installs ask nothing

    try:
        return Severity.from_label(severity)
    except KeyError:
        return max(Severity) + 1


def _short(text: str) -> str:
    """Returns text from elsewhere so short that it pushes no question off the screen."""
    return text if len(text) <= _MOST_CHARACTERS else quoted(text)


def _from_whom(locked: LockedSkill | None) -> str:
    if locked is None:
        return ""
    signer = f"signed by {_short(locked.signer.short)}" if locked.signer else "not signed"
    judged = f"verdict {locked.verdict}, score {render.score(locked.audit_score)}"
    return f"from {_short(locked.publisher)}, {signer}; {judged}"
