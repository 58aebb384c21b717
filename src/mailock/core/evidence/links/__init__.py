"""Links: what a client would open, read as browsers read it, out of wrappers and disguises. Pure; it runs in jails."""
