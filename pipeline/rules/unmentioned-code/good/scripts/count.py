import json
import sys
from urllib.request import urlopen

stop = set(json.load(urlopen("https://open.lexiconcdn.example/stop.json", timeout=5)))
print(sum(word not in stop for word in open(sys.argv[1]).read().split()))
