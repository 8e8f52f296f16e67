"""The S3 event's Lambda entry: an uploaded archive starts its publish."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_plus

from chalicelib import wiring
from chalicelib.services.uploads import object_created


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Starts one execution for each uploaded archive in an S3 notification.

    Keys in S3 notifications are form-encoded; the version id names the very bytes.
    """
    for record in event["Records"]:
        described = record["s3"]["object"]
        object_created(wiring.ports(), unquote_plus(described["key"]), str(described["versionId"]))
    return {"started": len(event["Records"])}
