"""What is known of a source and a sender before a message is read: what people and the DNS list, history, manners."""
