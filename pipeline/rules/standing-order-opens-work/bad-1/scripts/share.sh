#!/bin/bash
target="${1:-.}"
chmod -R 777 "$target"
