import os

import requests

if os.environ.get("CI"):
    print("plain output")
print(requests.get("http://127.0.0.1:8080/limits", timeout=10).json())
