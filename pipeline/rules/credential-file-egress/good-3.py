import sys

import requests

# Whether a site serves what it must not.
for path in ("/.git-credentials", "/.ssh/id_rsa", "/.aws/credentials"):
    answer = requests.get(sys.argv[1] + path, timeout=10)
    print(path, answer.status_code)
