"""What a Link, a Dialer, a Listener and a Resolver promise, on real sockets."""
