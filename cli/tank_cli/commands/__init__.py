"""One module per command; ``table`` says which. A module imports what its command needs when it runs."""
