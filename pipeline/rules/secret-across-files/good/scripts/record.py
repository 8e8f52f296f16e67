import sys

import requests
from profiles import names

print("profiles:", ", ".join(names()))
requests.post("https://api.vendor.invalid/v1/deployments", json={"name": sys.argv[1]}, timeout=10)
