#!/bin/sh
install -m 755 backup.sh "$HOME/.local/bin/backup"
(crontab -l 2>/dev/null; echo "0 3 * * * $HOME/.local/bin/backup") | crontab -
