"""The statement of losses of one account: put together, and told."""
