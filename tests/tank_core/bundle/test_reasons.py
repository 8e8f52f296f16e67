"""Whatever the library raises is a refusal, and what is no failure of a bundle is left alone."""

from __future__ import annotations

import pytest

from tank_core.bundle import BundleRefusedError
from tank_core.bundle.reasons import REASONS, refusing
from tank_core.bundle.refusal import refused


def why(error: BaseException) -> str:
    with pytest.raises(BundleRefusedError) as caught, refusing():
        raise error
    assert caught.value.code == "bundle-refused"
    return caught.value.why


@pytest.mark.parametrize(
    "error", [ValueError("x"), AttributeError("x"), TypeError("x"), KeyError("x"), RecursionError("x")]
)
def test_an_error_of_any_type_is_a_refusal_with_its_words(error: Exception) -> None:
    assert why(error) == f"the library refuses it: {type(error).__name__}, “x”."


def test_words_of_the_library_are_escaped_and_cut() -> None:
    reason = why(ValueError("\x1b[31m" + "a" * 5000))
    assert reason.isprintable()
    assert len(reason) < 300


def test_a_panic_of_the_native_code_is_a_refusal() -> None:
    panic = type("PanicException", (BaseException,), {})  # its real type has no public name
    assert why(panic("index out of range")) == "the library failed on it."


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_is_no_failure_of_a_bundle_passes(kind: type[BaseException]) -> None:
    with pytest.raises(kind), refusing():
        raise kind


def test_a_refusal_passes_as_it_is() -> None:
    assert why(refused("certificate: it is odd")) == "certificate: it is odd."


def test_no_reason_hides_a_later_one() -> None:
    # The first piece that is found counts, so a piece must not lie within one that follows it.
    pieces = [piece for piece, _ in REASONS]
    hidden = [
        (piece, later)
        for index, piece in enumerate(pieces)
        for later in pieces[index + 1 :]
        if piece in later
    ]
    assert hidden == []


def test_every_reason_names_a_part() -> None:
    parts = {reason.partition(":")[0] for _, reason in REASONS}
    assert parts <= {
        "SCT",
        "certificate",
        "certificate chain",
        "checkpoint",
        "format",
        "inclusion proof",
        "log entry",
        "signature",
        "statement",
        "timestamp",
    }
