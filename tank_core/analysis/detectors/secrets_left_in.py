"""Secrets that the publisher left in the package: keys by their fixed shapes.

Only shapes that carry their own mark are looked for; entropy alone finds hashes.
Values that are plainly placeholders are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.package import Package

# Name, texts of which one must occur (a search for these is cheap), and the whole shape.
_SHAPES = (
    (
        "AWS access key id",
        ("AKIA", "ASIA"),
        re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])"),
    ),
    (
        "GitHub token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        re.compile(r"(?<!\w)(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,90})(?!\w)"),
    ),
    ("Slack token", ("xox",), re.compile(r"(?<!\w)xox[abprs]-\d{8,14}-[A-Za-z0-9-]{20,80}")),
    ("Stripe live key", ("k_live_",), re.compile(r"(?<!\w)[rs]k_live_[A-Za-z0-9]{20,100}(?!\w)")),
    (
        "OpenAI key",
        ("T3BlbkFJ",),
        re.compile(r"(?<!\w)sk-(?:proj-)?[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,}"),
    ),
    ("Anthropic key", ("sk-ant-",), re.compile(r"(?<!\w)sk-ant-[a-z0-9]{3,8}-[A-Za-z0-9_-]{60,120}")),
    ("npm token", ("npm_",), re.compile(r"(?<!\w)npm_[A-Za-z0-9]{36}(?!\w)")),
    ("PyPI token", ("pypi-AgEI",), re.compile(r"(?<!\w)pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}")),
    ("Google API key", ("AIza",), re.compile(r"(?<!\w)AIza[A-Za-z0-9_-]{35}(?!\w)")),
    ("Tank token", ("tank_",), re.compile(r"(?<!\w)tank_[A-Za-z0-9_-]{43}(?!\w)")),
    (
        "private key",
        ("PRIVATE KEY-----",),
        re.compile(r"-----BEGIN (?:RSA |EC |OPENSSH |DSA |ENCRYPTED )?PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}"),
    ),
)
_PLACEHOLDER = re.compile(r"(?i)example|your|xxxx|placeholder|dummy|sample|fake|1234567|abcdefg|(.)\1{5}")
# A key with its body and its end, and the two halves of a cloud account: both open something by themselves.
_WHOLE_KEY = re.compile(
    r"-----BEGIN (?:RSA |EC |OPENSSH |DSA )?PRIVATE KEY-----(?:\s|\\n){1,4}"
    r"(?P<body>(?:[A-Za-z0-9+/=]{16,80}(?:\s|\\n|[\"',+ ]){1,12}){2,120})-----END"
)
_NO_KEY = re.compile(r"(?i)example|placeholder|dummy|xxxx|redacted")  # a real one has runs of one letter
_CLOUD_ID = _SHAPES[0][2]
_CLOUD_SECRET = re.compile(r"(?<![A-Za-z0-9/+=_-])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=_-])")
_NEAR = 300  # characters between the halves of a pair
_VARIED = 20  # different characters of a secret that is no placeholder; a digest in hex has sixteen
_SHOWN = 8  # characters of a secret that a finding repeats


def secrets_left_in(package: Package) -> Iterator[Hit]:
    """Yields each secret, shortened so that the finding does not publish it."""
    for source in package.sources:
        if not (source.is_outer_text or source.is_decoded):
            continue
        for name, marks, shape in _SHAPES:
            if not any(mark in source.text for mark in marks):
                continue
            for match in shape.finditer(source.text):
                if not _PLACEHOLDER.search(match.group()):
                    yield hit_at(source, match.start(), evidence=f"{name}: {match.group()[:_SHOWN]}…")


def keys_left_in(package: Package) -> Iterator[Hit]:
    """Yields each whole private key, and each cloud account with its secret at its side."""
    for source in package.sources:
        if not (source.is_whole_file or source.is_decoded):
            continue
        if "PRIVATE KEY-----" in source.text:
            for match in _WHOLE_KEY.finditer(source.text):
                if len(set(match["body"])) > _VARIED and not _NO_KEY.search(match["body"]):
                    yield hit_at(source, match.start(), evidence="private key, whole")
        for match in _CLOUD_ID.finditer(source.text):
            around = source.text[max(0, match.start() - _NEAR) : match.end() + _NEAR]
            if not _PLACEHOLDER.search(match.group()) and any(map(_is_secret, _CLOUD_SECRET.findall(around))):
                yield hit_at(source, match.start(), evidence=f"AWS key pair: {match.group()[:_SHOWN]}…")


def _is_secret(text: str) -> bool:
    return len(set(text)) > _VARIED and not _PLACEHOLDER.search(text)
