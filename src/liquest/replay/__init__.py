"""The same tape under other rules: index, mark, liquidations, fund and deleveraging again."""
