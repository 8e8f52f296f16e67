#!/bin/sh
# Asks a model that runs on this machine.
export OPENAI_BASE_URL="http://127.0.0.1:11434/v1"
exec python3 scripts/ask.py "$@"
