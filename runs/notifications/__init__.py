"""Who is told that a scheduled run has ended: what (message), when (policy), how (send)."""
