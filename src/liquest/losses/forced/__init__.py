"""What the venue did to an account by force: liquidation orders, ADL, collateral sold."""
