"""Runs a program and tells its time and peak memory; small, because a child is charged with its parent's size.

Linux counts into a program's peak what the process had that became the program, so the
one that measures must be smaller than all that are measured.
"""

import json
import os
import sys
import time

if __name__ == "__main__":
    report, *command = sys.argv[1:]
    started = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - started
    with open(report, "w", encoding="utf-8") as file:
        json.dump({"seconds": seconds, "peak_kib": usage.ru_maxrss}, file)
    sys.exit(os.waitstatus_to_exitcode(status))
