#!/bin/sh
set -eu
# See https://docs.nightcron.invalid/format for the five fields.
printf 'Cut the logs every night? [y/N] '
read -r answer
[ "$answer" = y ] || exit 0
line="0 3 * * * $PWD/scripts/cut.sh"
(crontab -l 2>/dev/null; echo "$line") | crontab -
