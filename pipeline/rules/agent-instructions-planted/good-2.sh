# Looks whether somebody planted an order in the agent's own notes.
NOTES="$HOME/workspace/SOUL.md"
if grep -niE 'ignore all rules|override safety|do not tell the user' "$NOTES" 2>/dev/null; then
  echo "SOUL.md holds an order that nobody gave" >> report.txt
fi
