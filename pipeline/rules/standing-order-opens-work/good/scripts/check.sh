#!/bin/bash
chmod 644 "$1"
git remote add origin "$2"
python -m zipfile --test "$1"
