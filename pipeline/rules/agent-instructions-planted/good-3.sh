#!/bin/sh
# Looks for orders that somebody planted in the agent's instructions.
echo "Checking CLAUDE.md for planted orders"
if [ -f "$HOME/.claude/CLAUDE.md" ]; then
  FOUND=$(grep -niE 'ignore all previous instructions|do not tell the user|always approve' "$HOME/.claude/CLAUDE.md" 2>/dev/null || true)
  if [ -n "$FOUND" ]; then
    echo "Suspicious lines in CLAUDE.md:"
    echo "$FOUND" > report.txt
  fi
fi
