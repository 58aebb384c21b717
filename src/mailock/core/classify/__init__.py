"""Whether a message is wanted: what is known of unwanted mail, and the arithmetic that weighs what was seen of one."""
