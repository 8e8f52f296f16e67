#!/bin/sh
tmp=$(mktemp)
trap 'rm -f "$tmp"' EXIT
curl -fsS http://127.0.0.1:8080/limits > "$tmp"
