"""What reading the index costs an install: through TUF, and as plain conditional reads.

    make bench-trust          (or python -m benchmarks.index_reads)

A registry of 5,000 skills, a project that needs 100 of them. Plain reads are what Tank
did before: one GET per document with ``If-None-Match``. Each run is a process of its
own that imports what it needs, so that the cost of loading TUF is counted. Requests
and bytes are counted by the server; times are medians, once with a server that
answers at once and once with one that is 20 ms away. Ratios come from the same run.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a child must not load the double before its clock runs: it loads TUF
    from tank_core.entities import SkillVersion
    from tests.support.registry_double import RegistryDouble

PROJECT = Path(__file__).resolve().parent.parent
PACKAGES, NEEDED, VERSIONS = 5_000, 100, 5
REPEATS = 5
DELAYS_SECONDS = (0.0, 0.020)
NAMES = [f"@org-{number % 50}/skill-{number}" for number in range(PACKAGES)]
PROJECT_SKILLS = NAMES[:: PACKAGES // NEEDED]
SCENARIOS = ("cold", "nothing changed", "another skill changed", "one of ours changed")


@dataclass
class Count:
    """What the server saw in one run, and how far away it is."""

    requests: int = 0
    body_bytes: int = 0
    delay_seconds: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Measured:
    requests: int
    body_bytes: int
    milliseconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--read", choices=("tuf", "plain"), help="what a child process does")
    parser.add_argument("--url")
    parser.add_argument("--home", type=Path)
    options = parser.parse_args()
    if options.read:
        print(json.dumps(_timed_read(options.read, options.url, options.home)))
    else:
        _compare()


# The child: one run of the command, as far as reading the index goes.


def _timed_read(kind: str, url: str, home: Path) -> float:
    # The command's own environment has no boto3; where it is installed, as here, securesystemslib loads it.
    sys.modules["boto3"] = None  # type: ignore[assignment]
    started = time.perf_counter()
    (_read_through_tuf if kind == "tuf" else _read_plainly)(url, home)
    return (time.perf_counter() - started) * 1000


def _read_through_tuf(url: str, home: Path) -> None:
    from tank_cli.client.connection import Connection
    from tank_cli.config import load
    from tank_core.names import SkillName

    names = [SkillName.parse(name) for name in PROJECT_SKILLS]
    with Connection(load({"HOME": str(home), "TANK_REGISTRY": url})) as connection:
        reader = connection.index()
        reader.prefetch(names)
        for name in names:
            reader.fetch(name)


def _read_plainly(url: str, home: Path) -> None:
    from tank_cli import atomic
    from tank_cli.client.transport import Request, Transport
    from tank_core.index import parse_index
    from tank_core.names import SkillName

    def read(name: str) -> None:
        kept = home / "documents" / name[1:].replace("/", "+")
        etag, _, body = kept.read_bytes().partition(b"\n") if kept.exists() else (b"", b"", b"")
        headers = {"If-None-Match": etag.decode()} if etag else {}
        answer = transport.send(Request("GET", f"{url}/index/{name[1:]}.json", headers))
        if answer.status == 200:
            body = answer.body
            atomic.write(kept, answer.headers["etag"].encode() + b"\n" + body)
        parse_index(body, expected=SkillName.parse(name))

    with Transport() as transport, ThreadPoolExecutor(16) as pool:
        list(pool.map(read, PROJECT_SKILLS))


# The parent: the registry, the scenarios, and the table.


def _compare() -> None:
    from tests.support.registry_double import serving

    count = Count()
    registry = _registry(count)
    print(
        f"{PACKAGES} skills with {VERSIONS} versions each; a project of {NEEDED}; medians of {REPEATS} runs"
    )
    with serving(registry), tempfile.TemporaryDirectory() as folder:
        _publish(registry, NAMES)
        for delay in DELAYS_SECONDS:
            count.delay_seconds = delay
            print(f"\nserver {delay * 1000:.0f} ms away")
            print(f"{'':24}{'plain':>28}{'TUF':>28}{'TUF / plain':>26}")
            columns = f"{'requests':>10}{'kB':>8}{'ms':>8}"
            print(f"{'':24}  {columns}  {columns}{columns}")
            for scenario in SCENARIOS:
                measured = {k: _measure(k, scenario, registry, count, Path(folder)) for k in ("plain", "tuf")}
                _row(scenario, measured)


def _registry(count: Count) -> RegistryDouble:
    from tests.support.registry_double import RegistryDouble

    class CountingRegistry(RegistryDouble):
        def respond(
            self, method: str, target: str, headers: Mapping[str, str], body: bytes
        ) -> tuple[int, Mapping[str, str], bytes]:
            time.sleep(count.delay_seconds)
            answer = super().respond(method, target, headers, body)
            with count.lock:
                count.requests += 1
                count.body_bytes += len(answer[2])
            return answer

    return CountingRegistry()


def _publish(registry: RegistryDouble, names: list[str]) -> None:
    """Publishes one more version of each skill, both ways, in one round."""
    from tank_core.index import index_bytes

    sample = _sample()
    for name in names:
        had = registry.versions.get(name, [])
        first = VERSIONS if not had else 1
        registry.versions[name] = had + [
            replace(sample, name=name, version=f"1.{len(had) + n}.0") for n in range(first)
        ]
    documents = {name: index_bytes(name, registry.versions[name]) for name in names}
    registry.objects.update({f"/index/{name[1:]}.json": data for name, data in documents.items()})
    registry.tuf.put_documents(documents)


def _sample() -> SkillVersion:
    """Returns a version as a real publish makes it."""
    from tests.support.registry_double import RegistryDouble

    double = RegistryDouble()
    double.start("http://127.0.0.1:1")
    return double.publish(
        "@acme/sample",
        "1.0.0",
        capabilities={"subprocess": ["git"], "network": {"outbound": ["api.example"]}},
        skills={"@acme/other": "^1.0.0"},
    )


def _measure(kind: str, scenario: str, registry: RegistryDouble, count: Count, folder: Path) -> Measured:
    home = folder / kind
    runs = [_run(kind, scenario, registry, count, home) for _ in range(REPEATS)]
    middle = statistics.median(run.milliseconds for run in runs)
    return replace(runs[-1], milliseconds=middle)


def _run(kind: str, scenario: str, registry: RegistryDouble, count: Count, home: Path) -> Measured:
    if scenario == "cold":
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        _trust(registry, home)
    before: Mapping[str, Callable[[], None]] = {
        "another skill changed": lambda: _publish(registry, [NAMES[1]]),
        "one of ours changed": lambda: _publish(registry, [PROJECT_SKILLS[0]]),
    }
    before.get(scenario, lambda: None)()
    count.requests = count.body_bytes = 0
    command = [sys.executable, "-m", "benchmarks.index_reads", "--read", kind, "--url", registry.url]
    environment = {"PYTHONPATH": f"{PROJECT / 'cli'}:{PROJECT}", "PATH": ""}
    done = subprocess.run(
        [*command, "--home", str(home)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return Measured(count.requests, count.body_bytes, json.loads(done.stdout))


def _trust(registry: RegistryDouble, home: Path) -> None:
    """Does what ``tank trust`` does: pins the root, and reads what it vouches for, but no index document."""
    from tank_cli.client.transport import Transport
    from tank_cli.client.trusted_metadata import TrustedMetadata
    from tank_cli.config import load
    from tank_cli.trust import RegistryTrust

    trust = RegistryTrust.of(load({"HOME": str(home)}), registry.url)
    trust.pin(registry.objects["/tuf/root.json"])
    with Transport() as transport:
        TrustedMetadata(transport, trust).refresh()


def _row(scenario: str, measured: Mapping[str, Measured]) -> None:
    plain, through_tuf = measured["plain"], measured["tuf"]

    def shown(m: Measured) -> str:
        return f"{m.requests:>10}{m.body_bytes / 1000:>8.1f}{m.milliseconds:>8.0f}"

    def ratio(a: float, b: float) -> str:
        return f"{a / b:.2f}" if b else "–"

    ratios = (
        f"{ratio(through_tuf.requests, plain.requests):>10}"
        f"{ratio(through_tuf.body_bytes, plain.body_bytes):>8}"
        f"{ratio(through_tuf.milliseconds, plain.milliseconds):>8}"
    )
    print(f"{scenario:24}  {shown(plain)}  {shown(through_tuf)}{ratios}", flush=True)


if __name__ == "__main__":
    main()
