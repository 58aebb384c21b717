"""Mailock: an airlock for mail. The outer door takes custody; the inner opens only once the message was examined."""

__version__ = "0.1.0"
