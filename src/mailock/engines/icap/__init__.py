"""Scanners that speak ICAP (RFC 3507): other programs, asked about each content as a proxy would ask them."""
