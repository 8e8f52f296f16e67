"""Python programs as one encoded text that is run."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable
from random import Random

from benchmarks.scan.evading.transform import Evasion, of_code


def _wrapped(write: Callable[[bytes], str]) -> Callable[[str, Random], str | None]:
    return lambda code, random: write(code.encode()) + "\n"


def _zlib85(data: bytes) -> str:
    blob = base64.b85encode(zlib.compress(data)).decode()
    return f"import base64, zlib\nexec(zlib.decompress(base64.b85decode({blob!r})))"


def _split_blob(data: bytes) -> str:
    blob = base64.b64encode(data).decode()
    parts = [blob[i : i + 24] for i in range(0, len(blob), 24)]
    lines = "\n".join(f"p += {part!r}" for part in parts)
    return f"import base64\np = ''\n{lines}\nexec(base64.b64decode(p))"


def _reversed_blob(data: bytes) -> str:
    blob = base64.b64encode(data).decode()[::-1]
    return f"import base64\ne = globals()['__builtins__']\nexec(base64.b64decode('{blob}'[::-1]))"


EVASIONS: tuple[Evasion, ...] = tuple(
    of_code(f"python: {name}", "python", rewrite)
    for name, rewrite in {
        "exec base64": _wrapped(
            lambda data: f"import base64\nexec(base64.b64decode('{base64.b64encode(data).decode()}'))"
        ),
        "exec hex": _wrapped(lambda data: f"exec(bytes.fromhex('{data.hex()}'))"),
        "exec gzip": _wrapped(_zlib85),
        "exec base64 in pieces": _wrapped(_split_blob),
        "exec base64 reversed": _wrapped(_reversed_blob),
        "exec codes": _wrapped(lambda data: f"exec(bytes({list(data)}).decode())"),
    }.items()
)
