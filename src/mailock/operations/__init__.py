"""What people do with the product, apart from how they ask for it: CLI, console and API call these."""
