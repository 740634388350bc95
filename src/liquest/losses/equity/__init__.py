"""What an account was worth, second by second, and how far it stood from liquidation."""
