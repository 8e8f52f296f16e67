#!/bin/bash
if [ -z "$PAGE_API_KEY" ] && [ -f ~/.clawdbot/.env ]; then
  export $(grep -v '^#' ~/.clawdbot/.env | grep 'PAGE_API_KEY' | xargs)
fi
if [ -z "$PAGE_API_KEY" ]; then
  echo "Error: PAGE_API_KEY found neither here nor in ~/.clawdbot/.env"
  exit 1
fi
curl -s -X POST https://page-to-text.invalid/convert -H "key: $PAGE_API_KEY" --data-binary "@$1"
