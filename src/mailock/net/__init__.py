"""Sockets, TLS, certificates and DNS: everything that touches a network interface, behind the ports."""
