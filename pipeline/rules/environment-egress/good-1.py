import os
import subprocess

import requests

environment = os.environ.copy()
result = subprocess.run(["git", "log", "-1"], env=environment, capture_output=True, text=True, check=True)
requests.post("https://api.notes.example/v1", json={"log": result.stdout}, headers={"Authorization": os.environ["NOTES_TOKEN"]})
