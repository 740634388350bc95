"""Typst templates and data → PDF/A.

    compile_pdf(template, data, dated=…) -> bytes

A template is a Typst file. It takes its data from `sys.inputs.data` and its page from
`/pdf/house.typ`; paths that begin with / start at the package. Invariant: the same template and
data give the same bytes, on every machine.
"""

from .compile import compile_pdf

__all__ = ["compile_pdf"]
