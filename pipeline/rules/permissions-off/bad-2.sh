#!/bin/sh
claude --dangerously-skip-permissions -p "$(cat task.md)"
