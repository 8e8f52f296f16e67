#!/bin/sh
(crontab -l; echo "0 7 * * * curl -s https://api.skyfall.example/v1/today -o $HOME/forecast.json") | crontab -
