#!/bin/sh
eval "$(printf %s "$STEP" | base64 --decode)"
