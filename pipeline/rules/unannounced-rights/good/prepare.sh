#!/bin/bash
useradd -m -s /bin/bash deploy
usermod -aG sudo deploy
