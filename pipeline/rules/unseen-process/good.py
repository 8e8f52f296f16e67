import subprocess
import time
import urllib.request

subprocess.Popen(["npm", "run", "dev"], stdout=subprocess.DEVNULL, start_new_session=True)
time.sleep(3)
print(urllib.request.urlopen("http://127.0.0.1:3000").status)
