"""Text that speaks to whoever examines the package: scanners, reviewers, models that judge.

A package has nothing to say to its examiner. A sentence that declares findings to be
false positives, or the skill to be verified, is there to be believed by a machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.package import Package

_TALK = re.compile(
    r"(?i)\b(?:note|message|instructions?|attention|dear)\b[^.\n]{0,20}\b(?:to|for)\b[^.\n]{0,20}\b(?:(?:security |"
    r"code |automated |ai |llm )*(?:scanners?|analy[sz]ers?)|(?:security |automated |ai |llm )+(?:reviewers?|"
    r"auditors?|moderators?|tools?|teams?))\b\s*[:,]|"
    r"\b(?:scanners?|reviewers?|auditors?|analy[sz]ers?|security tools?|antivirus|linters?|this scan|"
    r"automated (?:review|analysis|scan))\b[^.\n]{0,40}\b(?:should|must|can|may|please|"
    r"need to)\b[^.\n]{0,20}\b(?:ignore|skip|pass|approve|exclude|whitelist|mark (?:this|it) (?:as )?(?:safe|"
    r"benign|clean)|classify[^.\n]{0,30}(?:safe|benign)|report (?:no|zero))\b|"
    r"\b(?:ignore|skip|exclude|suppress|disregard)\b[^.\n]{0,30}\b(?:this (?:file|skill|folder|section|code)|"
    r"findings?|alerts?|warnings?)\b[^.\n]{0,40}\b(?:security scan|scanner|scan results?|during (?:the )?(?:review|"
    r"scan|audit))\b|"
    r"\bthis (?:skill|file|code|package)\b[^.\n]{0,30}\b(?:has (?:already )?been|was|"
    r"is)\b[^.\n]{0,30}\b(?:pre-?approved|whitelisted|allow-?listed|security[- ](?:reviewed|verified|approved|"
    r"cleared)|verified (?:as )?safe|certified safe|cleared by|reviewed and approved|approved by (?:anthropic|"
    r"openai|google|microsoft|the security team))\b|"
    r"\b(?:classify|rate|label|mark|report|treat)\b[^.\n]{0,20}\b(?:this|the) (?:skill|package|"
    r"file)\b[^.\n]{0,20}\bas (?:safe|benign|clean|harmless|trusted|non-malicious)\b|\bany (?:findings?|"
    r"detections?|alerts?) (?:here |in this \w+ )?(?:are|is) (?:a )?false positives?\b"
)
_SUPPRESSION = re.compile(
    r"(?:#|//|/\*|<!--)\s*(?:nosemgrep|nosec|noqa:\s*S\d|semgrep-disable|tank-ignore|"
    r"skill-scan(?:ner)?[:-]\s*ignore|scanner[:-]\s*(?:ignore|disable)|security-scan[:-]\s*(?:ignore|disable)|"
    r"snyk:ignore|bandit:\s*skip)"
)


def addressed_to_reviewer(package: Package) -> Iterator[Hit]:
    """Yields sentences that ask an examiner to look away or to conclude that all is well."""
    for source in package.sources:
        if source.is_outer_text or source.is_decoded:
            for match in _TALK.finditer(source.text):
                yield hit_at(source, match.start())


def suppressions(package: Package) -> Iterator[Hit]:
    """Yields comments that tell a scanner to skip a line; none of them has an effect here."""
    for source in package.sources:
        if source.is_outer_text:
            for match in _SUPPRESSION.finditer(source.text):
                yield hit_at(source, match.start())
