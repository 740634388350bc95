"""The dossier: one self-contained page of findings, for people.

It knows findings, problems and the inventory, never measures or the tape. Its words stand
in text.toml, its markup in templates/, its styles and scripts in static/.
"""
