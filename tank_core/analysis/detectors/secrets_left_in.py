"""Secrets that the publisher left in the package: keys by their fixed shapes.

Only shapes that carry their own mark are looked for; entropy alone finds hashes.
Values that are plainly placeholders are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.package import Package

_SHAPES = (
    ("AWS access key id", re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])")),
    (
        "GitHub token",
        re.compile(r"(?<!\w)(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,90})(?!\w)"),
    ),
    ("Slack token", re.compile(r"(?<!\w)xox[abprs]-\d{8,14}-[A-Za-z0-9-]{20,80}")),
    ("Stripe live key", re.compile(r"(?<!\w)[rs]k_live_[A-Za-z0-9]{20,100}(?!\w)")),
    ("OpenAI key", re.compile(r"(?<!\w)sk-(?:proj-)?[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,}")),
    ("Anthropic key", re.compile(r"(?<!\w)sk-ant-[a-z0-9]{3,8}-[A-Za-z0-9_-]{60,120}")),
    ("npm token", re.compile(r"(?<!\w)npm_[A-Za-z0-9]{36}(?!\w)")),
    ("PyPI token", re.compile(r"(?<!\w)pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}")),
    ("Google API key", re.compile(r"(?<!\w)AIza[A-Za-z0-9_-]{35}(?!\w)")),
    ("Tank token", re.compile(r"(?<!\w)tank_[A-Za-z0-9_-]{43}(?!\w)")),
    (
        "private key",
        re.compile(r"-----BEGIN (?:RSA |EC |OPENSSH |DSA |ENCRYPTED )?PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}"),
    ),
)
_PLACEHOLDER = re.compile(r"(?i)example|your|xxxx|placeholder|dummy|sample|fake|1234567|abcdefg|(.)\1{5}")
_SHOWN = 8  # characters of a secret that a finding repeats


def secrets_left_in(package: Package) -> Iterator[Hit]:
    """Yields each secret, shortened so that the finding does not publish it."""
    for source in package.sources:
        if not (source.is_whole_file or source.is_decoded):
            continue
        for name, shape in _SHAPES:
            for match in shape.finditer(source.text):
                if not _PLACEHOLDER.search(match.group()):
                    yield hit_at(source, match.start(), evidence=f"{name}: {match.group()[:_SHOWN]}…")
