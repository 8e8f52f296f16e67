import os  # noqa: F401 - other modules read it from here
from sys import argv

NAME = argv[0]  # type: ignore[index]
print(NAME)  # fmt: skip
