"""The publish pipeline: the only writer of what is published."""
