"""What a publish pays for the signed index, against one plain index document as before.

    make bench-index          (or python -m benchmarks.index_writes)

The embedded registry's real stores (SQLite, files, every write synced), with 0, 1,000 and
5,000 skills of five versions in the index. Each measurement publishes versions of skills one
after the other; the catalog's own write is outside the clock on both sides. The plain side
is what Tank did before: build the document, put it on condition of its ETag, read the
catalog once more. Medians; ratios from the same run.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chalicelib.adapters.system import SystemClock
from chalicelib.adapters.tuf.writer import TufIndexWriter
from infra.local.blobs import FileBlobStore
from infra.local.signer import FileSigner
from infra.local.sqlite.database import Database
from infra.local.sqlite.index_state import SqliteIndexState
from infra.local.upload_links import UploadLinks
from tank_core.entities import SkillVersion
from tank_core.index import index_bytes
from tests.support.memory_index import OfflineKeys, signed_ceremony
from tests.support.published import skill_version

SIZES = (0, 1_000, 5_000)
VERSIONS, PUBLISHES = 5, 40


class Skills:
    """A catalog that is only read: what it costs is the same on both sides."""

    def __init__(self, size: int) -> None:
        self.known = {name: self.made(name, VERSIONS) for name in map(name_of, range(size))}

    def made(self, name: str, versions: int) -> tuple[SkillVersion, ...]:
        return tuple(skill_version(name, f"1.{minor}.0") for minor in range(versions))

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self.known))

    def versions(self, name: str) -> tuple[SkillVersion, ...]:
        return self.known.get(name, ())

    def publish(self, name: str) -> None:
        before = self.known.get(name, ())
        self.known[name] = (*before, skill_version(name, f"2.{len(before)}.0"))


@dataclass(slots=True)
class Counted:
    """A store or key that counts what passes through."""

    inner: Any
    puts: int = 0
    put_bytes: int = 0
    gets: int = 0
    get_bytes: int = 0
    signatures: int = 0

    def put(self, key: str, data: bytes, **how: Any) -> Any:
        self.puts, self.put_bytes = self.puts + 1, self.put_bytes + len(data)
        return self.inner.put(key, data, **how)

    def get(self, key: str, **how: Any) -> bytes:
        data: bytes = self.inner.get(key, **how)
        self.gets, self.get_bytes = self.gets + 1, self.get_bytes + len(data)
        return data

    def sign(self, message: bytes) -> bytes:
        self.signatures += 1
        signature: bytes = self.inner.sign(message)
        return signature

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


@dataclass(frozen=True, slots=True)
class Cost:
    """The median of a publish, and what it moved."""

    milliseconds: float
    signatures: float
    puts: float
    put_bytes: float
    get_bytes: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--publishes", type=int, default=PUBLISHES)
    options = parser.parse_args()
    print(f"One publish, median of {options.publishes}; everything is synced to disk.\n")
    print(
        f"{'skills':>7}  {'index':<6} {'ms':>7} {'signatures':>10} {'objects':>8} {'written B':>10} {'read B':>9}"
    )
    for size in options.sizes:
        with tempfile.TemporaryDirectory(prefix="tank-bench-") as folder:
            signed, plain, first = measured(Path(folder), size, options.publishes)
        for name, cost in (("plain", plain), ("TUF", signed)):
            print(
                f"{size:>7,}  {name:<6} {cost.milliseconds:>7.1f} {cost.signatures:>10.1f} {cost.puts:>8.1f} "
                f"{cost.put_bytes:>10,.0f} {cost.get_bytes:>9,.0f}"
            )
        print(
            f"{'':>7}  ratio  {signed.milliseconds / plain.milliseconds:>6.1f}x {'':>10} "
            f"{signed.puts / plain.puts:>7.1f}x {signed.put_bytes / plain.put_bytes:>9.1f}x"
            f"   (the whole index, once: {first:.1f} s)\n"
        )


def measured(folder: Path, size: int, publishes: int) -> tuple[Cost, Cost, float]:
    """Returns the cost of a publish signed and plain, and the seconds of the first whole index."""
    database, clock = Database(folder / "registry.sqlite"), SystemClock()
    links = UploadLinks(b"k" * 32, "http://127.0.0.1:1")
    blobs = Counted(FileBlobStore(folder / "blobs", database, links, clock))
    signer, skills = Counted(FileSigner(folder / "index.pem")), Skills(size)
    writer = TufIndexWriter(
        blobs=blobs,  # type: ignore[arg-type]  # counted, otherwise the port
        catalog=skills,  # type: ignore[arg-type]  # the two methods that the writer asks
        state=SqliteIndexState(database),
        signer=signer,  # type: ignore[arg-type]
        clock=clock,
    )
    ceremony = signed_ceremony(folder / "ceremony", OfflineKeys(), signer.inner, now=clock.now())
    began = time.perf_counter()
    writer.adopt(ceremony.files())
    first = time.perf_counter() - began
    names = [name_of(number * max(1, size // publishes)) for number in range(publishes)]
    signed = cost_of(lambda name: writer.write([name]), names, skills, blobs, signer)
    for name in names:  # what the plain index would have held before
        plain_write(blobs, skills, name)
    plain = cost_of(lambda name: plain_write(blobs, skills, name), names, skills, blobs, signer)
    database.close()
    return signed, plain, first


def cost_of(
    write: Callable[[str], None], names: list[str], skills: Skills, blobs: Counted, signer: Counted
) -> Cost:
    before, signatures = replace(blobs), signer.signatures
    times = []
    for name in names:
        skills.publish(name)
        began = time.perf_counter()
        write(name)
        times.append((time.perf_counter() - began) * 1000)
    count = len(names)
    return Cost(
        statistics.median(times),
        (signer.signatures - signatures) / count,
        (blobs.puts - before.puts) / count,
        (blobs.put_bytes - before.put_bytes) / count,
        (blobs.get_bytes - before.get_bytes) / count,
    )


def plain_write(blobs: Counted, skills: Skills, name: str) -> None:
    key = f"public/index/{name.removeprefix('@')}.json"
    present = blobs.head(key)
    document = index_bytes(name, skills.versions(name))
    blobs.put(key, document, if_match=present.etag if present else None, if_absent=present is None)
    if index_bytes(name, skills.versions(name)) != document:
        raise AssertionError("nobody else publishes here")


def name_of(number: int) -> str:
    return f"@org-{number % 50}/skill-{number}"


if __name__ == "__main__":
    main()
