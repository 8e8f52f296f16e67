"""The upload: announce, put the bytes where the registry says, watch the stages, report the end.

1. Announce name, version, digests, size and manifest; the registry reserves the version.
2. Put the publisher's bundle, if there is one, then the archive, to the links it gave.
3. Ask for the state until it is final; show each stage as it passes.
4. A refusal keeps the registry's code, words and places.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from tank_cli.client.api import Api
from tank_cli.client.problems import registry_error
from tank_cli.client.transport import Request, Transport
from tank_cli.config import registry_url
from tank_cli.exit_codes import exit_code_of_rejection
from tank_cli.failures import RegistryError, UsageError
from tank_cli.publishing.prepare import Prepared
from tank_core.errors import ExitCode, Problem, TankError
from tank_core.integrity import sha256_digest
from tank_core.publish import PublishState, StageState
from tank_core.wire.publishes import (
    BundleAnnouncement,
    PublishBegun,
    PublishRequest,
    PublishStatus,
    RejectionDocument,
    StageStatus,
    Upload,
)

MAX_BUNDLE_BYTES = 256 * 1024  # as the registry accepts
_SECONDS_BETWEEN_LOOKS = 1.0
_ALREADY_THERE = 412  # the link takes one upload only: a repeated one finds the first
_FINAL = frozenset({PublishState.PUBLISHED, PublishState.REJECTED, PublishState.FAILED, PublishState.EXPIRED})


class PublishFailedError(TankError):
    """The registry could not finish; nothing is wrong with the package."""

    code = "publish-failed"
    exit_code = ExitCode.NETWORK


class PublishSlowError(TankError):
    """The registry has not finished yet."""

    code = "publish-slow"
    exit_code = ExitCode.NETWORK


class UnsafeUploadLinkError(TankError):
    """The registry gave a link that is no upload to a store."""

    code = "unsafe-upload-link"
    exit_code = ExitCode.NETWORK


@dataclass(frozen=True, slots=True)
class Watch:
    """How the end is waited for: a limit, and what a test replaces."""

    timeout_seconds: float = 900.0
    sleep: Callable[[float], None] = time.sleep
    on_stage: Callable[[StageStatus], None] = lambda _: None


def given_bundle(path: Path) -> bytes:
    """Returns a bundle that was made elsewhere; whether it is any good is the registry's decision.

    Raises:
        UsageError: usage; it is empty or larger than a bundle may be.
    """
    if not 0 < path.stat().st_size <= MAX_BUNDLE_BYTES:
        raise UsageError(
            f"{path} is no bundle.",
            why=f"A Sigstore bundle is not empty, and at most {MAX_BUNDLE_BYTES} bytes long.",
            fix="Give the .sigstore.json file that signing made.",
        )
    return path.read_bytes()


def begin(api: Api, package: Prepared, bundle: bytes) -> PublishBegun:
    """Announces a package. Announcing the same bytes again goes on where it was."""
    request = PublishRequest(
        name=str(package.manifest.name),
        version=str(package.manifest.version),
        integrity=package.integrity,
        digest=package.digest,
        size_bytes=len(package.archive),
        manifest=package.manifest.to_json(),
        bundle=BundleAnnouncement(digest=sha256_digest(bundle), size_bytes=len(bundle)) if bundle else None,
    )
    return api.begin("/publishes", PublishBegun, request)


def upload(
    transport: Transport, begun: PublishBegun, package: Prepared, bundle: bytes, registry: str
) -> None:
    """Puts the bytes where the registry wants them; the archive last, because it starts the stages.

    Raises:
        UnsafeUploadLinkError: unsafe-upload-link.
        RegistryError: the store refused the bytes.
    """
    if begun.bundle_upload is not None:
        _put(transport, begun.bundle_upload, bundle, registry)
    if begun.upload is not None:
        _put(transport, begun.upload, package.archive, registry)


def follow(api: Api, publish_id: str, watch: Watch) -> PublishStatus:
    """Returns how a publish ended.

    Raises:
        RegistryError: the code of the refusal.
        PublishFailedError: publish-failed; the registry's fault.
        PublishSlowError: publish-slow.
    """
    shown: set[str] = set()
    for _ in range(max(1, int(watch.timeout_seconds / _SECONDS_BETWEEN_LOOKS))):
        status = api.get(f"/publishes/{quote(publish_id, safe='')}", PublishStatus)
        for stage in status.stages:
            if stage.state not in (StageState.WAITING, StageState.RUNNING) and stage.stage not in shown:
                shown.add(stage.stage)
                watch.on_stage(stage)
        if status.state in _FINAL:
            return _ended(status)
        watch.sleep(_SECONDS_BETWEEN_LOOKS)
    raise PublishSlowError(
        f"Publish {publish_id} has not ended yet.",
        why="The registry is still at work, and goes on without you.",
        fix="Run `tank publish` again later: it goes on where it was, or says that the version is published.",
    )


def _ended(status: PublishStatus) -> PublishStatus:
    if status.state is PublishState.PUBLISHED:
        return status
    if status.rejection is not None:
        raise refusal(status.rejection)
    raise PublishFailedError(
        f"The registry could not publish {status.name}@{status.version}.",
        why=status.failure or f"The attempt is {status.state}.",
        fix="Run `tank publish` again; the version is still free.",
    )


def refusal(rejection: RejectionDocument) -> RegistryError:
    """Returns the error that a stage's refusal means."""
    return RegistryError(
        f"{rejection.what}",
        why=rejection.why,
        fix=rejection.fix,
        problems=tuple(Problem(p.where, p.what, p.fix) for p in rejection.problems),
        remote_code=rejection.code,
        http_status=422,
        exit_code=exit_code_of_rejection(rejection.code, rejection.stage),
    )


def _put(transport: Transport, link: Upload, data: bytes, registry: str) -> None:
    """Puts bytes to a link, without the token: the link itself is the permission."""
    registry_url(f"{urlsplit(link.url).scheme}://{urlsplit(link.url).netloc}")  # never plain http elsewhere
    if link.method != "PUT" or (link.url.startswith("http:") and not registry.startswith("http:")):
        raise UnsafeUploadLinkError(
            f"The upload link {link.method} {link.url} is refused.",
            why="A registry must not make this machine act on services of its own.",
            fix="Tell the registry's operator.",
        )
    answer = transport.send(Request(link.method, link.url, link.headers, data))
    if answer.status != _ALREADY_THERE and not 200 <= answer.status < 300:
        raise registry_error(answer, f"{link.method} of the archive")
