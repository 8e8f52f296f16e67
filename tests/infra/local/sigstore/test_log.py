"""The log's file: durable before it answers, append-only, one tree per log, the same after a restart."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from infra.local.sigstore import merkle
from infra.local.sigstore.log import LogFile, TransparencyLog

PROJECT = Path(__file__).resolve().parents[4]

# Appends for ever, and says each index once the entry is in the log.
_APPENDER = """
import itertools, sys
from pathlib import Path
from infra.local.sigstore.log import LogFile, TransparencyLog
log = TransparencyLog(LogFile(Path(sys.argv[1])), "v2")
for number in itertools.count():
    entry, _ = log.append(b"entry %d" % number, at=number)
    print(entry.index, flush=True)
"""


@pytest.fixture
def file(tmp_path: Path) -> Iterator[LogFile]:
    made = LogFile(tmp_path / "log.sqlite")
    yield made
    made.close()


def test_an_entry_is_found_by_index_and_by_leaf(file: LogFile) -> None:
    log = TransparencyLog(file, "v1")
    first, _ = log.append(b"one", at=5)
    second, is_new = log.append(b"two", at=6)
    assert (first.index, second.index, is_new) == (0, 1, True)
    assert log.entry(1) == log.entry_by_leaf(merkle.leaf_hash(b"two")) == second
    assert log.entry(2) is None
    assert log.entry_by_leaf(merkle.leaf_hash(b"three")) is None
    assert [entry.body for entry in log.entries(0, 9)] == [b"one", b"two"]


def test_an_entry_that_is_there_keeps_index_and_time(file: LogFile) -> None:
    log = TransparencyLog(file, "v1")
    log.append(b"one", at=5)
    again, is_new = log.append(b"one", at=9)
    assert (again.index, again.integrated_at, is_new) == (0, 5, False)
    assert log.head()[0] == 1


def test_two_logs_of_a_file_have_a_tree_each(file: LogFile) -> None:
    one, two = TransparencyLog(file, "v1"), TransparencyLog(file, "v2")
    one.append(b"a", at=0)
    one.append(b"b", at=0)
    two.append(b"a", at=0)
    assert one.head()[0] == 2
    assert two.head() == (1, merkle.leaf_hash(b"a"))


def test_proofs_and_head_are_the_same_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    with closing(LogFile(path)) as file:
        log = TransparencyLog(file, "v1")
        for number in range(11):
            log.append(b"%d" % number, at=number)
        before = (log.head(), log.inclusion(4), log.consistency(5, 11))
    with closing(LogFile(path)) as file:
        log = TransparencyLog(file, "v1")
        assert (log.head(), log.inclusion(4), log.consistency(5, 11)) == before


def test_there_is_no_proof_for_what_is_not_there(file: LogFile) -> None:
    log = TransparencyLog(file, "v1")
    log.append(b"one", at=0)
    with pytest.raises(ValueError, match="no leaf 1"):
        log.inclusion(1)
    with pytest.raises(ValueError, match="the log has 1"):
        log.consistency(1, 2)


def test_concurrent_appends_give_each_entry_an_index_of_its_own_and_one_tree(file: LogFile) -> None:
    log = TransparencyLog(file, "v2")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: log.append(b"%d" % number, at=0)[0], range(64)))
    assert sorted(entry.index for entry in found) == list(range(64))
    hashes: dict[merkle.Node, bytes] = {}
    for index, entry in enumerate(log.entries(0, 64)):
        hashes.update(merkle.growth(lambda level, at: hashes[level, at], index, entry.leaf))
    assert log.head() == (64, merkle.root_hash(lambda level, at: hashes[level, at], 64))


@pytest.mark.parametrize("statement", ["UPDATE entries SET body = x'00'", "DELETE FROM entries"])
def test_the_file_itself_refuses_to_change_or_lose_an_entry(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "log.sqlite"
    with closing(LogFile(path)) as file:
        TransparencyLog(file, "v1").append(b"one", at=0)
    with (
        closing(sqlite3.connect(path)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        connection.execute(statement)


def test_what_was_answered_is_there_after_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    process = subprocess.Popen(
        [sys.executable, "-c", _APPENDER, str(path)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    answered = [int(process.stdout.readline()) for _ in range(25)]
    process.kill()
    answered += [int(line) for line in process.stdout.read().split() if line.isdigit()]
    process.stdout.close()
    process.wait()
    with closing(LogFile(path)) as file:
        log = TransparencyLog(file, "v2")
        size, _ = log.head()
        assert size in (len(answered), len(answered) + 1)  # one may be in it that nobody was told of
        assert [entry.body for entry in log.entries(0, size)] == [b"entry %d" % n for n in range(size)]
        assert all(log.inclusion(index).root == log.head()[1] for index in range(size))
        next_entry, _ = log.append(b"after", at=0)
        assert next_entry.index == size
