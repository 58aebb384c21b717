"""Real counterparts for tests, each a private instance on loopback: mail servers, DNS, an SMTP client, test data."""
