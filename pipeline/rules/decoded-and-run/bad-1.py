import base64
from pathlib import Path

theme = Path(__file__).with_name("theme.bin").read_text()
layout = base64.b64decode(theme)
scope = {"name": "theme"}
exec(layout, scope)
