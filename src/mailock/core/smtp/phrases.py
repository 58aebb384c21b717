"""The fixed replies of our server, said in one place and rendered once.

The texts are short and tell the peer what it may know. The codes are RFC 5321 section 4.2.2's, the enhanced ones
RFC 3463's and those of the extension in question.
"""

from typing import Final

from mailock.core.smtp.reply import Reply

OK: Final = Reply.of(250, "2.0.0", "Ok")
SENDER_OK: Final = Reply.of(250, "2.1.0", "Sender ok")
RECIPIENT_OK: Final = Reply.of(250, "2.1.5", "Recipient ok")
CHUNK_OK: Final = Reply.of(250, "2.0.0", "Chunk received")
GO_AHEAD: Final = Reply.of(354, "", "End with <CRLF>.<CRLF>")
BYE: Final = Reply.of(221, "2.0.0", "Bye")
TLS_GO: Final = Reply.of(220, "2.0.0", "Ready to start TLS")
AUTHENTICATED: Final = Reply.of(235, "2.7.0", "Authenticated")
CANNOT_VERIFY: Final = Reply.of(252, "2.5.0", "Cannot verify, send mail and see")
HELP: Final = Reply.of(214, "2.0.0", "See RFC 5321")

CLOSING: Final = Reply.of(421, "4.3.2", "Service is closing, try again later")
TIMED_OUT: Final = Reply.of(421, "4.4.2", "Timed out")
TOO_MANY_ERRORS: Final = Reply.of(421, "4.7.0", "Too many errors")
TOO_MANY_TRANSACTIONS: Final = Reply.of(421, "4.7.0", "Enough for one connection, please reconnect")
TOO_MUCH_AT_ONCE: Final = Reply.of(421, "4.7.0", "Too much sent ahead")

STORAGE_FULL: Final = Reply.of(452, "4.3.1", "Storage is full, try again later")
TOO_MANY_RECIPIENTS: Final = Reply.of(452, "4.5.3", "Too many recipients, send the rest in another message")

UNKNOWN_COMMAND: Final = Reply.of(500, "5.5.1", "Unknown command")
LINE_TOO_LONG: Final = Reply.of(500, "5.5.2", "Line too long")
AUTH_LINE_TOO_LONG: Final = Reply.of(500, "5.5.6", "Authentication line too long")
BARE_NEWLINE: Final = Reply.of(500, "5.5.2", "Bare CR or LF in a command")
SYNTAX: Final = Reply.of(501, "5.5.4", "Syntax error in the argument")
BAD_SENDER: Final = Reply.of(501, "5.1.7", "Bad sender address syntax")
BAD_RECIPIENT: Final = Reply.of(501, "5.1.3", "Bad recipient address syntax")
BAD_PARAMETER: Final = Reply.of(501, "5.5.4", "Bad value of a parameter")
NO_ARGUMENT: Final = Reply.of(501, "5.5.4", "This command takes no argument")
BAD_ENCODING: Final = Reply.of(501, "5.5.2", "Cannot decode")
CANCELLED: Final = Reply.of(501, "5.7.0", "Authentication cancelled")
NOT_IMPLEMENTED: Final = Reply.of(502, "5.5.1", "Not implemented")
HELLO_FIRST: Final = Reply.of(503, "5.5.1", "Say EHLO first")
MAIL_FIRST: Final = Reply.of(503, "5.5.1", "Give MAIL first")
RECIPIENT_FIRST: Final = Reply.of(503, "5.5.1", "Give RCPT first")
NESTED: Final = Reply.of(503, "5.5.1", "A transaction is already open")
BAD_ORDER: Final = Reply.of(503, "5.5.1", "Not now")
NO_SERVICE: Final = Reply.of(503, "5.5.1", "No service here, please quit")
MECHANISM: Final = Reply.of(504, "5.5.4", "No such mechanism here")
TLS_FIRST: Final = Reply.of(530, "5.7.0", "Start TLS first")
ENCRYPTION_FIRST: Final = Reply.of(538, "5.7.11", "Start TLS before you authenticate")
BARE_IN_DATA: Final = Reply.of(550, "5.6.0", "Bare CR or LF in the message")
TOO_LARGE: Final = Reply.of(552, "5.3.4", "Message is larger than the limit")
NEEDS_SMTPUTF8: Final = Reply.of(553, "5.6.7", "A non-ASCII address needs SMTPUTF8")
NO_RECIPIENTS: Final = Reply.of(554, "5.5.1", "No valid recipients")
UNKNOWN_PARAMETER: Final = Reply.of(555, "5.5.4", "Unknown parameter")
