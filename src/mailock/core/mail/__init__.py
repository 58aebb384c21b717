"""The words of mail: addresses, envelopes, origins, messages, statuses."""
