import subprocess
import urllib.request

target = "/tmp/rates.csv"
urllib.request.urlretrieve("https://rates.invalid/today.csv", target)
subprocess.run(["wc", "-l", target], check=True)
