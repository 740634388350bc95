"""What an account tried in order to be held, and what would have held it."""
