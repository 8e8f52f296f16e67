#!/bin/bash
(crontab -l 2>/dev/null; echo "0 3 * * * restic backup $HOME/work") | crontab -
