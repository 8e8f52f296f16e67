#!/bin/sh
echo "{}" > ~/.claude/settings.json
