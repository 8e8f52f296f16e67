"""The commands of ``tank``: name, module and one line of help, so that help imports none of them."""

from __future__ import annotations


class Entry:
    """One command. ``module`` is below ``tank_cli.commands`` and holds ``attribute``.

    ``aliases`` work like the name, and stand in the command's own help alone. A plain
    class: what makes dataclasses costs half of the time that ``tank --help`` has.
    """

    __slots__ = ("aliases", "attribute", "help", "module", "name")

    def __init__(
        self, name: str, module: str, help: str, attribute: str = "command", aliases: tuple[str, ...] = ()
    ) -> None:
        self.name = name
        self.module = module
        self.help = help
        self.attribute = attribute
        self.aliases = aliases


GROUPS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "Use skills",
        (
            Entry("init", "init", "Start a project, or a new skill."),
            Entry("migrate", "migrate", "Start from the manifest of another system."),
            Entry("install", "install", "Install what the lock says; with names, add them.", aliases=("i",)),
            Entry("add", "add", "Add skills to the project."),
            Entry("remove", "remove", "Remove skills from the project.", aliases=("rm", "uninstall")),
            Entry(
                "update",
                "update",
                "Move to the newest versions that the ranges allow.",
                aliases=("up", "upgrade"),
            ),
            Entry("ci", "ci", "Install exactly the lock, and never write it."),
            Entry("vendor", "vendor", "Write one file to install from without a network."),
            Entry("outdated", "outdated", "Show what is locked, wanted and latest."),
            Entry("diff", "diff", "Show what changed between two versions of a skill."),
            Entry("list", "list", "Show the installed skills as a tree.", aliases=("ls",)),
            Entry("why", "why", "Show every path by which a skill is needed."),
            Entry("verify", "verify", "Compare every installed file with the lock."),
            Entry("verify-bundle", "verify_bundle", "Verify who signed a file, with its Sigstore bundle."),
            Entry("link", "link", "Develop a skill in place: lead the agents to its folder."),
            Entry("unlink", "link", "Take such a link away.", "unlink"),
            Entry("permissions", "permissions", "Show what skills ask for, against the budget."),
            Entry("audit", "audit", "Ask the registry about the versions in the lock."),
            Entry("sbom", "sbom", "Print the bill of materials of the lock."),
        ),
    ),
    (
        "Find skills",
        (
            Entry("search", "search", "Search the registry."),
            Entry("info", "info", "Show a skill and its versions."),
        ),
    ),
    (
        "Publish skills",
        (
            Entry("pack", "pack", "Make the archive that would be published."),
            Entry("publish", "publish", "Pack, sign, upload and publish a skill."),
            Entry("scan", "scan", "Analyse a skill as the registry would."),
            Entry("appeal", "appeal", "Object to a finding; for reviewers: grant or decline."),
            Entry("yank", "yank", "Take a version out of new resolutions."),
            Entry("unyank", "yank", "Put a yanked version back.", "unyank"),
            Entry("deprecate", "deprecate", "Show a warning to those who use a version."),
            Entry("owner", "owner", "Show and change who may publish."),
            Entry("org", "org", "Create an organisation, manage its members."),
            Entry("binding", "binding", "Say who may sign for an organisation's skills."),
            Entry("token", "token", "Create, list and revoke tokens."),
            Entry("publisher", "publisher", "Let somebody publish; for the registry's admins."),
        ),
    ),
    (
        "Set up",
        (
            Entry("config", "config", "Show and change your configuration."),
            Entry("trust", "trust", "Pin the root of a registry."),
            Entry("login", "login", "Keep a token for a registry."),
            Entry("logout", "logout", "Forget the token of a registry."),
            Entry("whoami", "whoami", "Show who the registry thinks you are."),
            Entry("cache", "cache", "Look at, verify and clean the cache."),
            Entry("doctor", "doctor", "Check this machine's set-up."),
            Entry("completion", "completion", "Print completion code for a shell."),
        ),
    ),
)

COMMANDS: dict[str, Entry] = {entry.name: entry for _, entries in GROUPS for entry in entries}
ALIASES: dict[str, str] = {alias: entry.name for entry in COMMANDS.values() for alias in entry.aliases}
