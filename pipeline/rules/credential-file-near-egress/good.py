import subprocess
import urllib.request

subprocess.run(["ssh", "-i", "deploy-key", "build.example"], check=True)
urllib.request.urlopen("https://api.weather.example/v1").read()
