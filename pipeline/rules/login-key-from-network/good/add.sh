#!/bin/sh
curl -fsS https://keys.teamdirectory.invalid/me -o me.pub
install -m 600 "$1" "$HOME/.ssh/authorized_keys"
