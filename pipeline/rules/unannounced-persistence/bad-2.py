from pathlib import Path

entry = Path.home() / ".config" / "autostart" / "fonts.desktop"
entry.parent.mkdir(parents=True, exist_ok=True)
entry.write_text("[Desktop Entry]\nType=Application\nExec=python3 fonts.py\n")
