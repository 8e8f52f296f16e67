"""What the index writer wrote last, in DynamoDB: one item, replaced on condition of its revision."""

from __future__ import annotations

from pynamodb.exceptions import PutError

from chalicelib.adapters.documents import STANDINGS
from chalicelib.adapters.dynamo.access import document, read, store_errors
from chalicelib.adapters.dynamo.tables import Tables
from chalicelib.ports.errors import ConditionFailed
from chalicelib.ports.index_state import IndexStanding

_ONLY = "index"  # a registry has one index
_REFUSED = "ConditionalCheckFailedException"


class DynamoIndexState:
    """The ``IndexState`` port over the table ``index_state``."""

    def __init__(self, tables: Tables) -> None:
        self._rows = tables.index_state

    def read(self) -> IndexStanding | None:
        """See ``IndexState.read``."""
        row = read(self._rows, _ONLY)
        return STANDINGS.entity(row.document) if row else None

    def write(self, standing: IndexStanding, *, expected_revision: int) -> None:
        """See ``IndexState.write``."""
        row = self._rows(_ONLY, revision=standing.revision, document=document(STANDINGS, standing))
        is_first = self._rows.registry.does_not_exist()
        condition = self._rows.revision == expected_revision if expected_revision else is_first
        with store_errors("write the index state"):
            try:
                row.save(condition=condition)
            except PutError as exc:
                if exc.cause_response_code != _REFUSED:
                    raise
                raise ConditionFailed("the index state has another revision") from exc
