"""The demo: a small shop with an HTTP API, and the project of cases that tests it."""
