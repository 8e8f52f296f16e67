#!/bin/sh
# Logs in with a key, then tells the status page; no key is read.
ssh -i ~/.ssh/id_ed25519 deploy@build.museum.invalid ./restart.sh
curl -s -X POST -d "state=restarted" https://status.museum.invalid/v1/events
