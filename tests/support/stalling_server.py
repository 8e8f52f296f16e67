"""The embedded registry with one point at which it says ``stalled`` and waits to be killed.

``python -m tests.support.stalling_server POINT DATA``; a point is ``none``,
``upload``, ``<Stage>:before``, ``<Stage>:after``, ``index:before`` or
``index:after``. Everything else is the production server.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from chalicelib.services import uploads
from infra.local.blobs import FileBlobStore
from infra.local.programs import find_semgrep
from infra.local.server import ServeOptions, serve
from infra.local.stages import stage_functions
from infra.local.states.engine import TaskFunction
from infra.local.wiring import PROJECT
from tank_core.entities import JsonObject

_BOUND_SECONDS = 60  # a test that forgets to kill does not leave a process for ever


def main() -> None:
    point, data = sys.argv[1], Path(sys.argv[2])

    def functions(analyze: TaskFunction) -> Mapping[str, TaskFunction]:
        return {
            resource: _stalling(point, resource.removeprefix("${").removesuffix("FunctionArn}"), function)
            for resource, function in stage_functions(analyze).items()
        }

    if point == "upload":
        uploads.object_created = lambda *_: stall()
    if point.startswith(("index:", "timestamp:")):
        FileBlobStore.put = _stalling_put(point, FileBlobStore.put)  # type: ignore[method-assign]
    serve(
        ServeOptions(data),
        find_semgrep({}, PROJECT),
        functions,
        announce=lambda url, _fingerprint: print(url, flush=True),
    )


def stall() -> Any:
    print("stalled", flush=True)
    threading.Event().wait(_BOUND_SECONDS)
    raise SystemExit("nobody killed this server")


def _stalling(point: str, stage: str, function: TaskFunction) -> TaskFunction:
    def call(document: JsonObject) -> object:
        if point == f"{stage}:before":
            stall()
        result = function(document)
        if point == f"{stage}:after":
            stall()
        return result

    return call


def _stalling_put(point: str, put: Callable[..., Any]) -> Callable[..., Any]:
    """Stalls around the first index document that is put, or around the timestamp that makes it visible."""
    documents: list[str] = []

    def stalling(store: FileBlobStore, key: str, data: bytes, **options: Any) -> Any:
        what = ""
        if key.startswith("public/targets/index/"):
            documents.append(key)
            what = "index"
        elif key == "public/tuf/timestamp.json" and documents:
            what = "timestamp"
        if point == f"{what}:before":
            stall()
        info = put(store, key, data, **options)
        if point == f"{what}:after":
            stall()
        return info

    return stalling


if __name__ == "__main__":
    main()
