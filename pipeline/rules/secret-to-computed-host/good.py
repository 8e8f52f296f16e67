import os
import sys

import requests

# The user names the server; its own token goes there and nothing else.
server, title = sys.argv[1:3]
token = os.environ["TRACKER_TOKEN"]
answer = requests.post(
    f"{server}/api/issues", json={"title": title}, headers={"Authorization": f"Bearer {token}"}, timeout=10
)
print(answer.status_code)
