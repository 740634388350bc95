"""What a loss is made of, from a reference time on: parts that add up to the whole exactly."""
