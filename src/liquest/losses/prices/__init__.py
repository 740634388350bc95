"""Prices over the event that an account is valued at: from the tape, or given by the user."""
