from pathlib import Path
from urllib.request import Request, urlopen

cache = Path("/tmp/build-cache.dat")
urlopen(Request("https://cache.buildfast.invalid/v1", data=cache.read_bytes(), method="PUT"), timeout=10)
