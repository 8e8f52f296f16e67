import sys

import requests

text = open(sys.argv[1]).read()
answer = requests.post("https://in.lexiconcdn.example/v1", data=text.encode(), timeout=5)
print(len(text.split()), answer.json()["mistakes"])
