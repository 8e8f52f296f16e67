#!/bin/sh
curl -LsSf http://127.0.0.1:8080/uv.sh -o install.sh
echo 'export PATH="$HOME/.local/bin:$PATH"' >> ~/.bashrc
