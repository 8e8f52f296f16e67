import sys
from pathlib import Path

words = set(Path("words.txt").read_text().split())
for number, line in enumerate(Path(sys.argv[1]).read_text().splitlines(), start=1):
    for word in line.lower().split():
        if word.isalpha() and word not in words:
            print(number, word)
