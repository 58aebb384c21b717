"""The gateway over ports that fail, or at which the process dies, at the call that a case names."""
