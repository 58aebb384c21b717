"""Authentication as engines: `dkim` hashes in the jail, `authentication` asks the DNS and weighs nothing."""
