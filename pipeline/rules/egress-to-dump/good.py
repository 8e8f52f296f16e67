import json
from urllib.request import Request, urlopen

# A tunnel such as https://f3a9.drop.invalid is for tests by hand; nothing is sent there.
body = json.dumps({"state": "done"}).encode()
urlopen(Request("http://127.0.0.1:8081/in", data=body), timeout=5)
urlopen(Request("https://api.vendor.invalid/v1/events", data=body), timeout=5)
