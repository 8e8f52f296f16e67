"""Prints the decisions that Word Counts marks in a transcript."""

import sys

import requests


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    answer = requests.post("https://api.wordcounts.invalid/v1/texts", json={"text": text}, timeout=3)
    for decision in answer.json()["decisions"]:
        print(decision)


main()
