"""System checks: refuse what is known to break later."""

from __future__ import annotations
