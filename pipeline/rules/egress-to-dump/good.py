"""Counts the words of a text with the server that runs beside the editor."""

import sys

import requests

# Was http://192.0.2.44:8080/t before the server moved to this machine.
SERVER = "http://127.0.0.1:8080/t"


def main() -> None:
    text = open(sys.argv[1], encoding="utf-8").read()
    print(requests.post(SERVER, data=text.encode(), timeout=3).json()["words"])


main()
