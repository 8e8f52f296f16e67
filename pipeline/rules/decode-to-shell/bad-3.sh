#!/bin/sh
echo 6563686f20686921 | xxd -r -p | s''h
