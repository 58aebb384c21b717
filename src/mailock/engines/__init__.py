"""Engines: tools that look at mail. Each is a file or a folder of its own; the catalogue lists them."""
