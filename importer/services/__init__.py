"""The HTTP services: an operation is a plain function with typed arguments and a typed result.

Codes in brackets, such as (A-05), are notes on the contract in `tests/contract/NOTES.md`.
"""
