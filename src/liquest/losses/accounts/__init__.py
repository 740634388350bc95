"""Many accounts at once: each to its claim, all of them through every scheme."""
