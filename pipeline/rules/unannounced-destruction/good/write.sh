#!/bin/sh
dd if="$1" of=/dev/sdb bs=4M status=progress
