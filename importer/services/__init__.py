"""The HTTP services: an operation is a plain function with typed arguments and a typed answer."""
