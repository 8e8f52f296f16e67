"""Whether the words of a skill say anything of what its code does.

A person decides by the words. What stays on a machine, opens it or destroys something is
honest where the text speaks of it; a script that does it under a text about something else
does what nobody was told. Only the subject is looked for, not whether all of it is said.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

from tank_core.analysis.identity import identity_of
from tank_core.analysis.package import Package
from tank_core.analysis.prose import prose
from tank_core.analysis.source import Language


class Subject(Enum):
    """What a text may speak of; the value finds the words."""

    STAYING = re.compile(
        r"(?i)\bcron|schedul|\b(?:dai|night|hour|week)ly\b|\bperiodic|\bevery (?:\d+|hour|day|night|morning|minute)|"
        r"daemon|\bservices?\b|systemd|launchd|launch ?agents?|start-?up|\bboot|auto-?start|\blog-?in\b|reboot|"
        r"hooks?\b|\bprofiles?\b|bashrc|zshrc|\bshell\b|\balias|\bPATH\b|persist|background|monitor|\bwatch|\btimer|"
        r"heartbeat|\.claude|settings\.json|\bvs ?code|\btasks?\.json"
    )
    DESTROYING = re.compile(
        r"(?i)\bdelet|\bremov|\bclean|\bwip(?:e|ing)|\beras|\bpurg|\breset|\bprun|uninstall|shred|destroy|destruct|"
        r"\bformat(?:s|ting)? (?:the |a )?(?:disk|drive|volume|partition)|\bdrop(?:s|ping)?\b|\btear(?:s|ing)? ?down|"
        r"overwrit|\bflash\b|\bpartition|\btidy"
    )
    LOCKING = re.compile(r"(?i)encrypt|\bcipher|\bvault|crypto|\bsecure|\bpassword|ransom|\block")
    RIGHTS = re.compile(
        r"(?i)\busers?\b[^\n]{0,40}\b(?:account|creat\w*|add\w*|group)|\baccounts?\b|sudo|privileg|setuid|\broot\b|"
        r"\badmin|provision|\bharden|\bservers?\b|\bcontainers?\b|chroot|docker"
    )
    LOGIN_KEYS = re.compile(r"(?i)authorized_keys|\bssh\b|public key|\bprovision|\bserver")
    AGENT_SETTINGS = re.compile(
        r"(?i)\bsettings?\b|\bpermissions?\b|\bapprov|\bhooks?\b|\bMCP\b|\bconfig|\ballow|\bgateway|\bprox(?:y|ies)|"
        r"\brouter?\b|\bbase.?url|\bendpoint|\bprovider|\bautonom|\byolo\b|\bsandbox"
    )


def speaks_of(package: Package, subject: Subject) -> bool:
    """Returns whether the prose of a package, its name or its description has words for a subject."""
    return subject.value.search(_words(package)) is not None


@lru_cache(maxsize=4)  # several detectors ask of each package
def _words(package: Package) -> str:
    shown = (text for source, text in prose(package) if source.language is Language.MARKDOWN)
    return "\n".join((identity_of(package), *shown))
