"""Where mail may come from and where it goes: access, rules, next hops, servers, retries and limits, all as values."""
