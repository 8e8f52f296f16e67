#!/bin/sh
set -eu
curl -fsSL https://dl.vendor.invalid/tool-1.4.2 -o /tmp/tool
echo "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08  /tmp/tool" | sha256sum -c -
chmod +x /tmp/tool
/tmp/tool --version
