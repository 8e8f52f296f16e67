import json
import urllib.request

rows = json.loads(urllib.request.urlopen("https://data.quietlog.invalid/rows.json").read())
total = eval("1 + 1")
print(len(rows), total)
