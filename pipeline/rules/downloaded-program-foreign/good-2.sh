#!/bin/bash
curl -s https://top-names.invalid/names.json -o names.json
python scripts/compare.py --names names.json
