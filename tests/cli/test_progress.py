"""The line that tells how far a download is."""

from __future__ import annotations

import fcntl
import io
import itertools
import os
import struct
import termios

import pytest

from tank_cli.console import Console
from tank_cli.progress import Downloads

MIB = 1024 * 1024


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def lines(stream: io.StringIO) -> list[str]:
    return [line for line in stream.getvalue().split("\r\x1b[K") if line]


def test_it_tells_how_many_how_much_and_how_fast() -> None:
    now = [0.0]
    progress = Downloads(Console(Terminal(), Terminal()), 3, 6 * MIB, lambda: now[0])
    assert progress.line() == "Downloading 3 skills: 0 done, 0 B of 6.0 MiB"
    progress.received(3 * MIB)
    progress.finished()
    now[0] = 2.0
    assert progress.line() == "Downloading 3 skills: 1 done, 3.0 MiB of 6.0 MiB, 1.5 MiB/s"
    assert len(progress.line()) < 80


def test_what_is_fetched_again_is_not_counted_twice() -> None:
    progress = Downloads(Console(Terminal(), Terminal()), 1, MIB, lambda: 0.0)
    progress.received(MIB // 2)
    progress.received(-(MIB // 2))
    progress.received(MIB)
    assert progress.line() == "Downloading 1 skill: 0 done, 1.0 MiB of 1.0 MiB"


def test_it_is_written_some_times_a_second_and_no_more() -> None:
    ticks = itertools.count()
    stream = Terminal()
    progress = Downloads(Console(Terminal(), stream), 1, 1000, lambda: next(ticks) * 0.03)
    for _ in range(100):
        progress.received(10)
    assert 10 < len(lines(stream)) < 60


@pytest.mark.parametrize("received", [0, 5 * MIB])
def test_without_a_terminal_nothing_is_written(received: int) -> None:
    stream = io.StringIO()
    progress = Downloads(Console(io.StringIO(), stream), 1, MIB)
    progress.received(received)
    progress.finished()
    assert stream.getvalue() == ""


def test_the_line_fits_a_narrow_terminal_whole_so_that_it_can_be_taken_back() -> None:
    outer, inner = os.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 30, 0, 0))
    with os.fdopen(inner, "w") as terminal:
        Console(io.StringIO(), terminal).progress("Downloading 1 skill: 0 done, 391 B of 391 B")
        shown = os.read(outer, 1000).decode()
    os.close(outer)
    assert shown == "\r\x1b[KDownloading 1 skill: 0 done, "  # 29 columns of 30
