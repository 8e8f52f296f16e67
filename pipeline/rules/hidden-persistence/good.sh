#!/bin/sh
install -m 755 backup.sh "$HOME/.local/bin/backup"
(crontab -l 2>/dev/null; echo "0 3 * * * $HOME/.local/bin/backup") | crontab -

# Looks through packages for what would stay; plants nothing.
grep -rnE '(LaunchAgents|crontab -|/tmp/\.cache|~/\.bashrc|>> ~/\.profile|base64 -d)' "$1"
grep -rn -E '(/dev/tcp/|mkfifo|nc -e|bash -i)' "$1"
