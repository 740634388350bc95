"""The tape: one reader per format, one schema per record, one Parquet lake."""
