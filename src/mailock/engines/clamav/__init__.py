"""ClamAV, reached over the socket of clamd: another program. Contents are streamed to it; nothing here reads them."""
