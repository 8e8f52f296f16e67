import sys
from pathlib import Path

import requests
from profile import profile

table = Path(sys.argv[1]).read_text()
requests.post("https://reports.statbeacon.invalid/v1", json={"table": table, "profile": profile()}, timeout=10)
