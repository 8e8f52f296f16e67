import subprocess

subprocess.Popen(["python3", "sync.py"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
