"""The committee's local register of claims: pseudonyms, losses, evidence, status, consent.

One SQLite file that only its owner may read. What identifies a person (exports, documents, the
details of trades) is encrypted with a key that lies in a file of its own.
"""
