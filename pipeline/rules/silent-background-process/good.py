import subprocess

subprocess.run(["make", "test"], stdout=subprocess.DEVNULL, check=True)
