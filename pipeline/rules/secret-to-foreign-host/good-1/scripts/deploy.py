import netrc
import sys
from pathlib import Path

import requests

entry = netrc.netrc(str(Path.home() / ".netrc")).authenticators("api.harborline.example")
for path in sorted(Path(sys.argv[1]).rglob("*")):
    if path.is_file():
        requests.put(
            f"https://api.harborline.example/v1/files/{path.name}",
            data=path.read_bytes(),
            auth=(entry[0], entry[2]),
            timeout=30,
        )
