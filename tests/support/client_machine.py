"""One machine that trusts a registry, below the command: each call is a run of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tank_cli.cache import Cache
from tank_cli.client.index_reader import IndexReader
from tank_cli.client.transport import Transport
from tank_cli.client.trusted_metadata import TrustedMetadata
from tank_cli.registry_targets import RegistryTargets
from tank_cli.trust import RegistryTrust
from tank_core.errors import ExitCode, TankError
from tank_core.names import SkillName

NOTES = "@acme/notes"


@dataclass
class Machine:
    """What is kept on the machine, and how it talks."""

    trust: RegistryTrust
    cache: Cache
    transport: Transport

    def metadata(self) -> TrustedMetadata:
        return TrustedMetadata(self.transport, self.trust)

    def refresh(self) -> RegistryTargets:
        return self.metadata().refresh()

    def versions(self, name: str = NOTES) -> list[str]:
        document = IndexReader(self.metadata(), self.cache).fetch(SkillName.parse(name))
        return [str(entry.version) for entry in document.versions]

    def refused(self) -> TankError:
        """Returns the error of a run that must be refused for its integrity."""
        with pytest.raises(TankError) as caught:
            self.versions()
        assert caught.value.exit_code is ExitCode.INTEGRITY
        return caught.value

    @property
    def metadata_dir(self) -> Path:
        return self.trust.metadata
