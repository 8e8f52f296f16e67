#!/bin/sh
cat ~/.claude/settings.json
