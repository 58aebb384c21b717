"""What is believed of a message after all that was seen: how dangerous it is, and what class of mail."""
