"""Who a message pretends to be from, and what it wants: the jailed engine over `core.impersonation`."""
