"""What somebody meant who typed an option that the command does not have.

First the options of npm, pnpm, yarn, pip and uv, then a letter that one option begins
with, then the nearest spelling. A nearest one that is not near is worse than none:
somebody who asks for ``--save`` must not be told ``--agent``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tank_cli.suggestions import nearest

# Options of others → the option that Tank has, where the command has it.
RENAMED: dict[str, str] = {
    "--audit-level": "--level",
    "--lockfile-only": "--lock-only",
    "--package-lock-only": "--lock-only",
    "--save-exact": "--exact",
}

_ONE_KIND = "Leave it out: a project's skills are all of one kind, and none is for development alone."
_WRITTEN = "Leave it out: what is added always stands in skills.json; `--dry-run` writes nothing."
_LOCKED = "`tank ci` installs exactly the lock, and never writes it."
_ONE_YES = (
    "A yes is to one thing: `--allow TYPE:VALUE`, `--accept RISK:NAME@VERSION`; "
    "`--overwrite` loses edits. The refusal names the one that it takes."
)

# Options of others that have no counterpart → what does their work.
EXPLAINED: dict[str, str] = {
    **dict.fromkeys(("-D", "--dev", "--save-dev", "-O", "--save-optional", "--save-peer"), _ONE_KIND),
    **dict.fromkeys(("--omit", "--only", "-P", "--prod", "--production", "--save-prod"), _ONE_KIND),
    **dict.fromkeys(("-S", "--save", "--no-save"), _WRITTEN),
    **dict.fromkeys(("--frozen", "--frozen-lockfile", "--immutable", "--locked"), _LOCKED),
    **dict.fromkeys(("-f", "--force", "--legacy-peer-deps", "-y", "--yes"), _ONE_YES),
    **dict.fromkeys(("-L", "--latest"), "`tank add NAME` moves to the newest version, and writes its range."),
    **dict.fromkeys(("-C", "--cwd", "--dir", "--prefix"), "Change to that folder first: cd"),
    **dict.fromkeys(("--ignore-scripts",), "Leave it out: no script of a skill runs when it is installed."),
    **dict.fromkeys(("--tag",), "Leave it out: skills have no tags, and a name alone is the newest version."),
}

# The same of one command alone, asked first.
EXPLAINED_OF: dict[str, dict[str, str]] = {
    "tank audit": {
        "--fix": "`tank update` moves to versions without what was found, where the ranges allow."
    },
    "tank cache clean": dict.fromkeys(
        ("--force", "-f", "--yes", "-y"), "It never asks; `--all` removes everything."
    ),
    "tank init": dict.fromkeys(("-y", "--yes"), "Leave it out: `tank init` asks nothing."),
    "tank list": dict.fromkeys(("-a", "--all"), "Leave it out: the tree is whole, unless --depth cuts it."),
    "tank publish": {"--access": "Leave it out: everybody who reaches the registry reads what is published."},
}


def fix_for_option(path: str, option: str, known: Sequence[str]) -> str:
    """Returns what to say to somebody who typed an option that a command lacks.

    Args:
        path: the command, such as ``tank audit``.
        option: as typed.
        known: the long options that it has.
    """
    said = EXPLAINED_OF.get(path, {}).get(option) or EXPLAINED.get(option)
    if said:
        return said
    near = RENAMED.get(option, "") if RENAMED.get(option) in known else _nearest(option, known)
    return f"Did you mean `{near}`? `{path} --help` lists all." if near else f"Run `{path} --help`."


def _nearest(option: str, known: Iterable[str]) -> str:
    """Returns the option that is meant, by its letter or by its spelling; "" for none."""
    names = [name.removeprefix("--") for name in known]
    if not option.startswith("--"):
        found = [name for name in names if name.startswith(option[1:2].lower())]
        return f"--{found[0]}" if len(found) == 1 else ""
    near = nearest(option.removeprefix("--"), names)
    return f"--{near}" if near else ""
