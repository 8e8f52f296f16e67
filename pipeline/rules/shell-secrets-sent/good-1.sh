#!/bin/sh
curl -H "Authorization: Bearer $NOTES_TOKEN" https://api.notes.example/v1/notes
scp -i ~/.ssh/id_ed25519 build.tgz deploy@build.example:/srv/
