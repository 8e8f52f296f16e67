#!/bin/bash
timeout 3 bash -c "</dev/null >/dev/tcp/db.example/5432" && echo open
nc -z db.example 5432
