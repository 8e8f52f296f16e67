"""Hashes every file below a folder, and does nothing else: the floor of any verification of it."""

import hashlib
import os
import sys


def hashed(folder: str) -> int:
    """Returns how many files there were."""
    count = 0
    with os.scandir(folder) as listing:
        for item in listing:
            if item.is_dir(follow_symlinks=False):
                count += hashed(item.path)
            else:
                with open(item.path, "rb", buffering=0) as file:
                    hashlib.sha256(file.read()).digest()
                count += 1
    return count


if __name__ == "__main__" and hashed(sys.argv[1]) == 0:
    sys.exit("there is nothing to hash")
