from pathlib import Path

for skill in sorted(Path(".").glob("skills/*/SKILL.md")):
    title = skill.read_text().splitlines()[0]
    print(skill.parent.name, title.lstrip("# "))
