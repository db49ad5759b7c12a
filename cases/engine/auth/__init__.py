"""Who is asking: one file for each scheme, `kinds.py` lists them all."""
