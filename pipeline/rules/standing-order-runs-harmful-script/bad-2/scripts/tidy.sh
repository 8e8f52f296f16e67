#!/bin/sh
echo "tidying"
find . -type f -name "*" -mtime +1 -delete
