from __future__ import annotations

import ast
import ipaddress
import json
import re
from collections import Counter
from pathlib import PurePosixPath

import pytest
import yaml

from benchmarks.scan import samples as samples_module
from benchmarks.scan.encodings import expanded
from benchmarks.scan.own import declared_of
from benchmarks.scan.samples import CORPUS, UNREAD, SampleError, corpus, local
from tank_core.archive.paths import check_path

SAMPLES = corpus()
RESERVED = (".invalid", ".example", ".test", "localhost")
DOCUMENTATION = [ipaddress.ip_network(n) for n in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]
OTHER_ADDRESSES = {"127.0.0.1", "169.254.169.254", "0.0.0.0"}  # noqa: S104  # loopback, any, and a cloud's metadata
# Honest skills name the vendors that they are about; attackers' hosts are reserved names only.
VENDORS = {
    "api.alpaca.markets", "api.anthropic.com", "api.binance.com", "api.github.com", "api.githubcopilot.com",
    "api.notion.com", "api.openai.com", "api.stripe.com", "api.twilio.com", "api.vercel.com", "astral.sh",
    "deb.nodesource.com", "deno.land", "fly.io", "github.com", "install.python-poetry.org", "ntfy.sh",
    "paper-api.alpaca.markets", "raw.githubusercontent.com", "registry.npmjs.org", "release.anza.xyz",
    "sh.rustup.rs", "slack.com",
    "www.googleapis.com",
}  # fmt: skip
# What the honest part of an attacker's skill talks to; nothing that is stolen goes there.
HONEST_PARTS = {
    "api.figma.com", "api.open-meteo.com", "api.wordpress.org", "geocoding-api.open-meteo.com", "github.com",
    "pypi.org", "registry.npmjs.org", "rubygems.org", "www.apple.com",
}  # fmt: skip
_HOST = re.compile(r"\b(?:https?|wss?|stratum\+tcp|postgres)://(?:[^\s/@\"']*@)?([A-Za-z0-9.-]+)")


def _raw(label: str) -> str:
    roots = (CORPUS, UNREAD)
    return "\n".join(path.read_text() for root in roots for path in sorted((root / label).glob("*.yaml")))


def _is_reserved(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.endswith(RESERVED)
    return host in OTHER_ADDRESSES or any(address in network for network in DOCUMENTATION)


def test_corpus_is_large_enough():
    whole = Counter(sample.is_malicious for sample in SAMPLES if not sample.base)
    assert whole[True] >= 170
    assert whole[False] >= 110
    assert sum(bool(sample.base) for sample in SAMPLES) >= 40


def test_corpus_is_in_one_order():
    assert [sample.id for sample in corpus()] == [sample.id for sample in SAMPLES]


@pytest.mark.parametrize("label", ["malicious", "planted"])
def test_hosts_of_attacks_are_reserved_names(label):
    hosts = {host for host in _HOST.findall(_raw(label)) if "." in host}
    assert {host for host in hosts if not _is_reserved(host)} <= HONEST_PARTS


def test_hosts_of_honest_skills_are_reserved_or_well_known_vendors():
    hosts = {host for host in _HOST.findall(_raw("honest")) if "." in host}
    assert {host for host in hosts if not _is_reserved(host)} <= VENDORS


def test_invisible_characters_are_spelled_out_in_malicious_samples():
    invisible = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
    assert [path.name for path in CORPUS.rglob("*.yaml") if invisible.search(path.read_text())] == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)
def test_sample_is_a_skill_whose_files_are_what_their_names_say(sample):
    front = sample.files["SKILL.md"].decode().split("---\n")[1]
    assert {"name", "description"} <= set(yaml.safe_load(front))
    for path, data in sample.files.items():
        check_path(path)
        if path.endswith(".py"):
            ast.parse(data)
        if PurePosixPath(path).suffix in (".json", ".ipynb"):
            json.loads(data)
        if path.endswith((".yml", ".yaml")) and "templates/" not in path:
            yaml.safe_load(data)


def test_planted_sample_differs_from_its_base_in_what_is_planted_only():
    by_id = {sample.id: sample for sample in SAMPLES}
    for sample in SAMPLES:
        if sample.base:
            base = by_id[sample.base]
            changed = {path for path, data in sample.files.items() if base.files.get(path) != data}
            assert changed
            assert not base.is_malicious
            for path in changed & set(base.files):
                assert set(base.files[path].splitlines()) <= set(sample.files[path].splitlines())


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a ⟦base64|hi⟧ b", b"a aGk= b"),
        ("⟦hex+base64|hi⟧", b"Njg2OQ=="),
        ("⟦base64|⟦hex|hi⟧⟧", b"Njg2OQ=="),
        ("⟦numbers|AB⟧", b"65, 66"),
        ("⟦u|200b 202e⟧", "\u200b\u202e".encode()),
        ("⟦tags|a⟧", "\U000e0061".encode()),
        ("⟦xor+hex|*⟧", b"00"),
        ("⟦join|a b⟧", b"ab"),
    ],
)
def test_encodings_spell_out(text, data):
    assert expanded(text) == data


def test_encoding_of_unknown_name_is_refused():
    with pytest.raises(KeyError):
        expanded("⟦nosuch|x⟧")


def test_plant_needs_a_line_that_stands_once():
    with pytest.raises(SampleError):
        samples_module._with_plant("here", "a\na\n", {"after": "a", "text": "b\n"})
    assert samples_module._with_plant("here", "a\nc\n", {"after": "a", "text": "b\n"}) == "a\nb\nc\n"


def test_local_folder_is_read_skill_by_skill(tmp_path):
    for name in ("b", "a/inner"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "SKILL.md").write_text("---\nname: x\n---\n")
    (tmp_path / "b" / "link").symlink_to("/etc/hostname")
    found = list(local(tmp_path, is_malicious=True))
    assert [(sample.id, sorted(sample.files)) for sample in found] == [
        ("a/inner", ["SKILL.md"]),
        ("b", ["SKILL.md"]),
    ]


def test_every_manifest_of_the_corpus_declares_something_that_can_be_read():
    for sample in SAMPLES:
        assert (declared_of(sample.entries) is not None) == ("skills.json" in sample.files), sample.id
