"""Office documents: what runs, what reaches out, what is packed in them, in every format that Office opens."""
