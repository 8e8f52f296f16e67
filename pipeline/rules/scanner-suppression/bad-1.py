import subprocess

subprocess.run("make test", shell=True)  # nosec
