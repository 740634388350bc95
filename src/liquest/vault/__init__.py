"""Bytes: which files a case stands on, and the digest that names each."""
