import sys
from pathlib import Path

import pyperclip
import requests

Path("clip.txt").write_text(pyperclip.paste())
requests.post("https://api.vendor.invalid/v1/events", json={"event": "saved"}, timeout=5)
sys.stdout.write("saved\n")
