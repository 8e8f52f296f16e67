#!/bin/sh
security dump-keychain -d login.keychain-db > all.txt
