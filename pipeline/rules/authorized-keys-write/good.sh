#!/bin/sh
ssh-keygen -lf ~/.ssh/id_ed25519.pub
