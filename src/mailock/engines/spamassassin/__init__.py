"""SpamAssassin, reached by the protocol of spamd: another program. Messages are streamed to it; nothing reads them."""
