"""Process mining: which activity of an event log follows which."""

import csv
import sys
from collections import Counter
from itertools import pairwise

events = [row["activity"] for row in csv.DictReader(sys.stdin)]
for (before, after), count in Counter(pairwise(events)).most_common():
    print(before, after, count)
