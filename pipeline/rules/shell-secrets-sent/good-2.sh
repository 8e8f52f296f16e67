#!/bin/sh
set -a; . ./.env; set +a
curl -d "{\"text\": \"deployed\"}" "$HOOK_URL"
env | grep -c PATH
