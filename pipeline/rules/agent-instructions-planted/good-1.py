import pathlib

rules = "# Project\n\n- Run `make test` before each commit.\n- Never push without asking.\n- Do not edit generated files.\n"
pathlib.Path("CLAUDE.md").write_text(rules)
