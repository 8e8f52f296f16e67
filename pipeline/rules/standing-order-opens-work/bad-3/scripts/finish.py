import sys

import pyminizip

pyminizip.compress(sys.argv[1], None, sys.argv[1] + ".zip", "k3ep-out", 5)
