"""Tank's domain: pure functions and values, with no network, disk, clock or vendor."""
