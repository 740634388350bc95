"""Claims on trial, statements over time, open questions, rival hypotheses.

All of it stands on findings and on what the case folder says (claims.toml, statements.toml,
questions.toml, hypotheses.toml). Invariant: nothing here reads the tape or measures anything;
what no finding answers is said to be not testable, with the data that would answer it.
"""
