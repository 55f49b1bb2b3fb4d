"""The manners of the API, written once. Knows no model, imports nothing of ours; every `api.py` may use it."""
