"""The one way in which a bundle is refused."""

from __future__ import annotations

from tank_core.errors import ExitCode, TankError


class BundleRefusedError(TankError):
    """The publisher's bundle is not acceptable."""

    code = "bundle-refused"
    status = 422
    exit_code = ExitCode.INTEGRITY


def refused(why: str) -> BundleRefusedError:
    """Returns the refusal.

    Args:
        why: the exact reason, a sentence without its full stop.
    """
    return BundleRefusedError(
        "The Sigstore bundle is not acceptable.",
        why=f"{why}.",
        fix="Do not use what it came with; its publisher signs again with `tank publish`.",
    )
