"""What is known of what happened: the log of messages, refusals counted, and numbers for those who watch."""
