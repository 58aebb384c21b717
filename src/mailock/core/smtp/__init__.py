"""SMTP and LMTP without I/O: octets in, effects out, on both sides of the conversation.

Serving a connection
--------------------
One `ServerSettings` a listener (another for trusted peers: PROXY, XCLIENT), one `Server` a connection::

    server = Server(settings)                     # Server(settings, tls=...) where TLS came first
    carry_out(server.connected())
    ... data read:     carry_out(server.receive(data))
    ... EOF:           carry_out(server.peer_closed())
    ... time is up:    carry_out(server.give_up())      # patience says when; also with a 421 of your own
    ... shutting down: carry_out(server.stop())         # 421 at the next command

    def carry_out(effects):
        for effect in effects:
            match effect:
                case Send(data):       transport.write(data)
                case Chunk(data):      spool.write(data)          # the body, unstuffed, in order
                case DropBody():       spool.drop()               # no TakeMessage will come for it
                case StartTls():       pause reading; flush; handshake; carry_out(server.tls_started(tls)); read on
                case Close(why):       flush; close               # nothing follows
                case Refused() | Attacked():  log                 # what the core refused by itself; never has passwords
                case question:         decide, now or later: carry_out(server.answer(reply))

At most one question is open, and it ends its list. Until it is answered the core looks at no input, and keeps what
comes; `wants_pause` says when to stop reading. `answer` returns effects too, so they are carried out in turn.
A `TakeMessage` that is open when the client goes is the shell's to keep or to drop: nobody was told 250.

==================  =======================================================================================
question            the answer
==================  =======================================================================================
`ConnectionGiven`   2yz greets (the core writes the banner) · 421 closes · 5yz: only QUIT is of use then
`HelloGiven`        2yz: the core writes the list of extensions
`MailGiven`         `phrases.SENDER_OK`, or your refusal
`RcptGiven`         `phrases.RECIPIENT_OK`, or your refusal; accepted ones are collected in their order
`DataGiven`         2yz or 3yz (the core writes 354; for BDAT nothing) · last moment for `phrases.STORAGE_FULL`
`TakeMessage`       the final reply: 250 only after the sync. Its `transaction` is the frozen envelope as given
`AuthGiven`         `phrases.AUTHENTICATED`, or 535; afterwards `authenticated_as` and `protocol` say so
`XclientGiven`      2yz: banner again, EHLO again
==================  =======================================================================================

Any answer may be 421, which closes. A reply is `Reply.of(550, "5.7.1", "text")`; its codes cannot disagree. Facts of
the session: `untrusted_helo`, `tls`, `authenticated_as`, `protocol` (for Received), `talked_early`, `state`, `patience`
(seconds to wait; does not run while a question is open: that is the shell's own time), `asking`. The core counts
messages, errors, unknown and idle commands, and closes with 421 (`Limits`). Line ends: `BareNewlines`.

Sending to a next hop
---------------------
One `Client` a connection; it is used again for any number of transactions::

    client = Client(ClientSettings(hostname, lmtp=False))
    ... connected: nothing to do, the next hop greets first; feed `receive`, `peer_closed`, `timed_out` (`patience`)
    case Ready(extensions):    client.start_tls() or client.send(envelope, size=..., eight_bit=...) or client.quit()
    case StartTls():           handshake, then client.tls_started(); Ready comes again
    case TlsRefused(reply):    still ready, in the clear: go on or quit()
    case BodyWanted():         carry_out(client.body(piece)) as often as needed, then carry_out(client.body_end(piece))
    case Unsendable(lack):     nothing was sent: SMTPUTF8 → 5.6.7, SIZE → 5.3.4; the connection is still idle
    case Done(answers, ...):   one `Answer` a recipient, in order: reply, stage, outcome (SENT, DEFERRED, FAILED),
                               `ours` where we made the reply up. The connection is idle again unless Broken follows
    case Broken(fault, ...):   close the connection; a transaction that was open had its Done just before
    case Close():              QUIT was answered

`body` may come back with effects that end the transaction (UNLAWFUL_BODY); further pieces are then dropped in silence.
`client.ask(envelope)` asks whether the recipients would be taken, and ends in `Done` before DATA.
A connection that idles is told so by `peer_closed`, or 421 → `Broken`. After `Done`, `client.idle` says whether `send`
may follow at once. `Done.dsn_passed_on` says whether the next hop took over the DSN duties, `Done.in_doubt` whether the
connection broke after the end of the body, so that the message may have been taken. `eight_bit` policy is the shell's:
look at `client.extensions.eight_bit` before `send`.

What may be sent is checked once more: an envelope with a line end in it raises ValueError, a body with a bare CR or LF
ends in `Broken(UNLAWFUL_BODY)` before any end mark.
"""
