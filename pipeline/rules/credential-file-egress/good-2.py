import subprocess
from pathlib import Path

key = Path.home() / ".ssh" / "id_ed25519"
subprocess.run(["ssh", "-i", str(key), "build.example", "uptime"], check=True)
