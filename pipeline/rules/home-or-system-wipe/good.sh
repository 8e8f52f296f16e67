#!/bin/sh
rm -rf ./build "$HOME/.cache/demo-tool"
