"""Reads and writes rows so that only port errors come out.

DynamoDB knows no item above 400 KB and no transaction above 100 actions; both
are met here with a message, not in the service with a guess.

Source: DynamoDB developer guide, "Quotas" and "Managing complex workflows with
transactions".
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist, PynamoDBException, TransactWriteError
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.documents import Codec
from chalicelib.ports.errors import ConditionFailed, PortError, TooLarge

M = TypeVar("M", bound=Model)
T = TypeVar("T")

MAX_DOCUMENT_BYTES = 360 * 1024  # an item has 400 KB, and the other attributes want some
MAX_ACTIONS = 100
_ATTEMPTS = 6
_FIRST_PAUSE_SECONDS = 0.02
_REFUSED = "ConditionalCheckFailed"
_PASSING = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})


@contextmanager
def store_errors(what: str) -> Iterator[None]:
    """Turns pynamodb's failures into ``PortError``.

    Args:
        what: the operation, for the message that operators read.
    """
    try:
        yield
    except PynamoDBException as exc:
        code = exc.cause_response_code or type(exc.cause or exc).__name__
        raise PortError(f"{what}: {code}") from exc


def read(model: type[M], hash_key: str, range_key: str | None = None) -> M | None:
    """Returns a row by its key, as of every finished write, or None."""
    with store_errors(f"read {model.__name__}"):
        try:
            return model.get(hash_key, range_key, consistent_read=True)
        except DoesNotExist:
            return None


def read_many(model: type[M], keys: list[Any]) -> list[M]:
    """Returns the rows that exist of these keys, in no order, as of every finished write."""
    with store_errors(f"read {model.__name__}"):
        return list(model.batch_get(keys, consistent_read=True))


def write_together(connection: Connection, fill: Callable[[TransactWrite], None], what: str) -> None:
    """Writes all that ``fill`` adds to a transaction, or nothing.

    Conflicts with another transaction pass, so they are tried again with pauses
    that grow and differ between writers; together below two seconds.

    Args:
        fill: called once per attempt.
        what: the operation, for the message that operators read.

    Raises:
        ConditionFailed: a condition of one of the actions did not hold.
        PortError: anything else.
    """
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(_FIRST_PAUSE_SECONDS * 2**attempt * (0.5 + random.random() / 2))  # noqa: S311  # jitter
        with store_errors(what):
            try:
                with TransactWrite(connection=connection) as transaction:
                    fill(transaction)
                return
            except TransactWriteError as exc:
                codes = {reason.code for reason in exc.cancellation_reasons if reason is not None}
                if _REFUSED in codes:
                    raise ConditionFailed(f"{what}: the stored state is another") from exc
                if not codes & _PASSING:
                    raise
    raise PortError(f"{what}: {_ATTEMPTS} attempts met other transactions")


def document(codec: Codec[T], entity: T) -> str:
    """Returns the document of an entity that fits into one item.

    Raises:
        TooLarge: it does not.
    """
    text = codec.text(entity)
    size_bytes = len(text.encode())
    if size_bytes > MAX_DOCUMENT_BYTES:
        raise TooLarge(f"a {type(entity).__name__} of {size_bytes} bytes does not fit into an item")
    return text
