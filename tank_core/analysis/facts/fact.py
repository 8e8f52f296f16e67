"""The kinds of facts, and a fact with its place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FactKind(StrEnum):
    """What a text does; the value is how a finding names it."""

    CREDENTIAL_FILE = "reads a credential file"
    ENVIRONMENT = "reads the whole environment"
    BROWSER_STORE = "reads what a browser keeps"
    WALLET = "reads a wallet"
    HISTORY = "reads a shell's history"
    KEYSTROKES = "records keystrokes"
    CLIPBOARD = "reads the clipboard"
    SCREEN = "takes a picture of the screen"
    AGENT_STATE = "reads an agent's conversations or settings"
    CREDENTIAL_COMMAND = "asks a program for a stored credential"
    DATABASE = "dumps a database"
    PERSISTS = "plants what runs again"
    METADATA = "asks a cloud's metadata for credentials"
    USER_FILES = "collects the user's files"
    NAMED_SECRET = "reads a secret by its name"  # noqa: S105 - a kind of fact
    SYSTEM_FACTS = "reads who and where the user is"
    ENCODES = "encodes data"
    SENDS = "sends data out"
    FETCHES = "fetches from the network"
    DECODES = "decodes text"
    RUNS_CODE = "runs text as code"
    RUNS_SHELL = "gives computed text to a shell"
    DELETES_BROADLY = "deletes many files"
    LOCKS_FILES = "encrypts files"
    FLOODS = "sends requests without end"
    RUNS_UNSEEN = "starts what nobody sees"
    HIDES_PROGRAM = "keeps a program where nobody looks"
    LOOKS_AROUND = "looks who watches, where it runs and when, before it acts"
    WIPES_TRACES = "wipes its traces"
    COPIES_ITSELF = "copies itself"
    GAINS_RIGHTS = "gives out rights of the machine"
    OPENS_LOGIN = "adds a key that may log in"
    DESTROYS = "destroys the user's files or the system"

    @property
    def is_secret(self) -> bool:
        """Whether what is read is nobody's business but the user's."""
        return self in _SECRETS


_SECRETS = frozenset(
    {
        FactKind.CREDENTIAL_FILE,
        FactKind.ENVIRONMENT,
        FactKind.BROWSER_STORE,
        FactKind.WALLET,
        FactKind.HISTORY,
        FactKind.KEYSTROKES,
        FactKind.CREDENTIAL_COMMAND,
    }
)


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """One thing a text does, at an offset, in characters, into the text that was read."""

    kind: FactKind
    offset: int
