#!/bin/sh
security find-generic-password -s notes-api -w
