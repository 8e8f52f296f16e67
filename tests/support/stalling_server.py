"""The embedded registry with one point at which it says ``stalled`` and waits to be killed.

``python -m tests.support.stalling_server POINT DATA [OPTIONS]``; options are those of
``infra.local serve`` with the same names. A point is ``none``,
``upload``, ``<Stage>:before``, ``<Stage>:after`` (of a rescan, ``RescanRecord``
and so on), ``index:before`` or ``index:after``. Everything else is the production server.
"""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from chalicelib.services import uploads
from infra.local.blobs import FileBlobStore
from infra.local.programs import find_semgrep
from infra.local.server import ServeOptions, StageFunctions, serve
from infra.local.stages import rescan_functions, stage_functions
from infra.local.states.engine import TaskFunction
from infra.local.wiring import PROJECT
from tank_core.entities import JsonObject

_BOUND_SECONDS = 60  # a test that forgets to kill does not leave a process for ever


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("point")
    parser.add_argument("data", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--rules", type=Path)
    parser.add_argument("--takedown-on", default="")
    given = parser.parse_args()
    point: str = given.point

    def stalling(functions: StageFunctions) -> StageFunctions:
        def made(analyze: TaskFunction) -> Mapping[str, TaskFunction]:
            return {
                resource: _stalling(point, resource.removeprefix("${").removesuffix("FunctionArn}"), function)
                for resource, function in functions(analyze).items()
            }

        return made

    if point == "upload":
        uploads.object_created = lambda *_: stall()
    if point.startswith(("index:", "timestamp:")):
        FileBlobStore.put = _stalling_put(point, FileBlobStore.put)  # type: ignore[method-assign]
    serve(
        ServeOptions(
            given.data, port=given.port, rules=given.rules, takes_down_failed=given.takedown_on == "fail"
        ),
        find_semgrep({}, PROJECT),
        stalling(stage_functions),
        rescan_functions=stalling(rescan_functions),
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
    """Stalls around the first index document of a skill that is put, or around the timestamp that makes it visible."""
    documents: list[str] = []

    def stalling(store: FileBlobStore, key: str, data: bytes, **options: Any) -> Any:
        what = ""
        if key.startswith("public/targets/index/") and not key.endswith(".notices.json"):
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
