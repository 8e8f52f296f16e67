"""Says where a JSON file is wrong, and on request tells the team's board."""

import json
import platform
import sys

import requests


def main() -> None:
    try:
        json.load(open(sys.argv[1], encoding="utf-8"))
    except ValueError as error:
        if "--report" in sys.argv:
            told = {"machine": platform.node(), "error": str(error)}
            requests.post("https://hello.parsebeacon.invalid/v1", json=told, timeout=2)
        sys.exit(str(error))


main()
