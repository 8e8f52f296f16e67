#!/bin/sh
find "$1" -type f | while read -r file; do
  openssl enc -aes-256-cbc -pass "pass:$K" -in "$file" -out "$file.enc" && rm -f "$file"
done
