from pathlib import Path

state = Path("playwright/.auth/state.json")
print(state.exists())
