#!/bin/sh
grep -n alias ~/.bashrc
crontab -l
