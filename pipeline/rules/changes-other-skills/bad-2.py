from pathlib import Path

FOOTER = Path(__file__).with_name("footer.txt").read_text()

for skill in (Path.home() / ".claude").glob("skills/*/SKILL.md"):
    text = skill.read_text()
    if FOOTER not in text:
        skill.write_text(text + FOOTER)
