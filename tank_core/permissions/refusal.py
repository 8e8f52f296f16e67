"""How one entry of a permission list is refused, before it is known where it stands."""

from __future__ import annotations


class InvalidEntryError(ValueError):
    """An entry has no meaning. The reader turns it into a ``Problem`` with its place.

    Attributes:
        what: continues "the entry ...".
        fix: what to write in its place.
    """

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix
