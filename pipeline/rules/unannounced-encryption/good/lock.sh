#!/bin/sh
find "$1" -type f | while read -r file; do
  openssl enc -aes-256-cbc -pbkdf2 -in "$file" -out "$file.enc" && rm "$file"
done
