"""One file that carries a lock's skills to a machine without a network, and can vouch for none of them."""
