"""The failures that ports speak of, so that no vendor's exception crosses one."""

from __future__ import annotations


class PortError(Exception):
    """The world did not do what was asked; retrying may help. Never shown raw to a user."""


class ConditionFailed(PortError):
    """A conditional write found another state than the caller expected. Nothing was written."""


class Missing(PortError):
    """What was asked for is not there."""


class TooLarge(PortError):
    """The object has more bytes than the caller allowed. Nothing was read."""


class InvalidCursor(PortError):
    """A page's cursor is not one that this port gave out."""
