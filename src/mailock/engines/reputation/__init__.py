"""What the DNS, our own history and a client's manners say of who sent a message. No byte of mail comes here."""
