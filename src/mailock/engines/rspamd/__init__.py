"""rspamd, reached over HTTP: another program. Messages are streamed to it; nothing here reads them."""
