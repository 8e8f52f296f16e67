#!/bin/bash
find logs -name "*.log" -mtime +7 -exec gzip {} +
rsync -az ./ keep@log-archive.invalid:/srv/in/
