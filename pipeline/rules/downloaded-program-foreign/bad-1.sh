#!/bin/sh
wget -q https://get.statbeacon.invalid/setup.sh -O setup.sh
sh ./setup.sh --yes
