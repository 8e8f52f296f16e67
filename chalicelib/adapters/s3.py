"""The object store in S3: a versioned bucket whose ``public/`` a CDN serves.

What the store itself enforces of an upload link comes from the signature: size,
digest and ``If-None-Match`` are signed headers, so a PUT that differs in any of
them is not the request that was signed, and S3 compares the body with the digest.

Source: S3 API reference, PutObject (conditional writes, checksums); AWS
Signature Version 4, query string authentication.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.aws import port_errors
from chalicelib.ports.blobs import ObjectInfo, UploadLink
from chalicelib.ports.errors import Missing, PortError, TooLarge

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_s3 import S3Client

# S3 answers a malformed version id with 400: to a caller such a version is simply not there.
_NOT_THERE = frozenset({"404", "NoSuchKey", "NoSuchVersion", "NotFound"})
_NO_SUCH_VERSION = _NOT_THERE | {"400", "InvalidArgument", "405", "MethodNotAllowed"}


class S3BlobStore:
    """The ``BlobStore`` port over one bucket."""

    def __init__(self, client: S3Client, bucket: str, *, now: Callable[[], int]) -> None:
        self._client = client
        self._bucket = bucket
        self._now = now

    def presign_upload(self, key: str, *, size_bytes: int, sha256_hex: str, ttl_seconds: int) -> UploadLink:
        """See ``BlobStore.presign_upload``."""
        checksum = base64.b64encode(bytes.fromhex(sha256_hex)).decode("ascii")
        expires_at = self._now() + ttl_seconds
        with port_errors(f"presign {key}"):
            url = self._client.generate_presigned_url(
                "put_object",
                Params={
                    "Bucket": self._bucket,
                    "Key": key,
                    "ContentLength": size_bytes,
                    "ChecksumSHA256": checksum,
                    "IfNoneMatch": "*",
                },
                ExpiresIn=ttl_seconds,
            )
        headers = {
            "content-length": str(size_bytes),
            "if-none-match": "*",
            "x-amz-checksum-sha256": checksum,
        }
        return UploadLink(url, expires_at, headers)

    def put(
        self,
        key: str,
        data: bytes,
        *,
        content_type: str = "application/octet-stream",
        cache_control: str = "",
        if_match: str | None = None,
        if_absent: bool = False,
    ) -> ObjectInfo:
        """See ``BlobStore.put``."""
        conditions: dict[str, Any] = {}
        if if_match is not None:
            conditions["IfMatch"] = if_match
        if if_absent:
            conditions["IfNoneMatch"] = "*"
        if cache_control:
            conditions["CacheControl"] = cache_control
        # If-Match on a key that is not there answers 404: for a caller the ETag has changed.
        with port_errors(f"put {key}", changed=_NOT_THERE if if_match is not None else frozenset()):
            answer = self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=data,
                ContentType=content_type,
                ChecksumAlgorithm="SHA256",
                **conditions,
            )
        return ObjectInfo(key, len(data), answer["ETag"], _version_id(answer), self._now())

    def get(self, key: str, *, max_bytes: int, version_id: str | None = None) -> bytes:
        """See ``BlobStore.get``."""
        with port_errors(f"get {key}", missing=_absent(version_id)):
            answer = self._client.get_object(**self._address(key, version_id))
            size_bytes = answer["ContentLength"]
            with closing(answer["Body"]) as body:
                if size_bytes > max_bytes:
                    raise TooLarge(f"get {key}: {size_bytes} bytes, the limit is {max_bytes}")
                data = body.read(max_bytes + 1)
        if len(data) != size_bytes:
            raise PortError(f"get {key}: {len(data)} of {size_bytes} bytes arrived")
        return data

    def head(self, key: str, *, version_id: str | None = None) -> ObjectInfo | None:
        """See ``BlobStore.head``."""
        try:
            with port_errors(f"head {key}", missing=_absent(version_id)):
                answer = self._client.head_object(**self._address(key, version_id))
        except Missing:
            return None
        return ObjectInfo(
            key,
            answer["ContentLength"],
            answer["ETag"],
            _version_id(answer),
            _epoch(answer["LastModified"]),
        )

    def copy(
        self, source_key: str, target_key: str, *, source_version_id: str, cache_control: str = ""
    ) -> ObjectInfo:
        """See ``BlobStore.copy``."""
        with port_errors(f"copy {source_key} to {target_key}", missing=_NO_SUCH_VERSION):
            answer = self._client.copy_object(
                Bucket=self._bucket,
                Key=target_key,
                CopySource={"Bucket": self._bucket, "Key": source_key, "VersionId": source_version_id},
                # Without REPLACE the target would keep the upload's own headers.
                MetadataDirective="REPLACE",
                ContentType="application/octet-stream",
                CacheControl=cache_control or "no-store",
            )
        version_id = _version_id(answer)
        copied = self.head(target_key, version_id=version_id)
        if copied is None:
            raise PortError(f"copy to {target_key}: version {version_id} is gone again")
        return copied

    def delete(self, key: str) -> None:
        """See ``BlobStore.delete``; the bytes stay as an old version until the bucket's lifecycle ends them."""
        with port_errors(f"delete {key}"):
            self._client.delete_object(Bucket=self._bucket, Key=key)

    def list_keys(self, prefix: str, *, limit: int = 1000) -> tuple[ObjectInfo, ...]:
        """See ``BlobStore.list_keys``; lists versions, because a plain listing does not name them."""
        found: list[ObjectInfo] = []
        with port_errors(f"list {prefix}"):
            pages = self._client.get_paginator("list_object_versions").paginate(
                Bucket=self._bucket, Prefix=prefix
            )
            for page in pages:
                found += [_listed(entry) for entry in page.get("Versions", []) if entry["IsLatest"]]
                if len(found) >= limit:
                    break
        return tuple(sorted(found, key=lambda known: known.key)[:limit])

    def _address(self, key: str, version_id: str | None) -> Any:
        address = {"Bucket": self._bucket, "Key": key}
        return address if version_id is None else {**address, "VersionId": version_id}


def _absent(version_id: str | None) -> frozenset[str]:
    return _NOT_THERE if version_id is None else _NO_SUCH_VERSION


def _listed(entry: Any) -> ObjectInfo:
    return ObjectInfo(
        entry["Key"], entry["Size"], entry["ETag"], _version_id(entry), _epoch(entry["LastModified"])
    )


def _version_id(answer: Mapping[str, Any]) -> str:
    """Returns the version's id; an unversioned bucket could not keep this port's promises."""
    version_id = answer.get("VersionId")
    if not version_id or version_id == "null":
        raise PortError("the bucket keeps no versions: enable versioning")
    return str(version_id)


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())
