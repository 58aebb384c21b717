"""The way of a message: accept, judge, send. Stations meet only in the queue; each leases, works, commits."""
