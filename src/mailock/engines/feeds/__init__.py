"""Lists of known files and addresses, from files that whoever keeps them puts in place. No byte of mail comes here."""
