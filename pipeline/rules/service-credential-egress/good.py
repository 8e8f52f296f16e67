from pathlib import Path

for line in Path(".env").read_text().splitlines():
    print(line.partition("=")[0])
