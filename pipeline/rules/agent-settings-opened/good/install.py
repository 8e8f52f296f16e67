import json
import pathlib

file = pathlib.Path.home() / ".claude" / "settings.json"
settings = json.loads(file.read_text()) if file.exists() else {}
hook = {"hooks": [{"type": "command", "command": "afplay done.aiff"}]}
settings.setdefault("hooks", {}).setdefault("Stop", []).append(hook)
file.write_text(json.dumps(settings, indent=2))
