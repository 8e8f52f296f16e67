"""Prints the nearest name for a colour, out of a list that is read as data."""

import sys

import requests


def main() -> None:
    names = requests.get("https://static.pixelkit.invalid/names.json", timeout=5).json()
    print(names.get(sys.argv[1].lstrip("#"), "unknown"))


main()
