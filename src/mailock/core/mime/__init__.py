"""What the bytes of a message are: its header block, and its parts, in every reading that a client may have.

    from mailock.core.mime.parse import parse
    from mailock.core.mime.part import decoded, names

    anatomy = parse(octets)             # never raises; budget.USUAL unless told otherwise
    for part in anatomy.parts:          # the message itself is the first, other readings come last
        part.path, part.types, names(part), decoded(part), part.defects
    anatomy.complete, anatomy.ambiguous # whether everything was looked at, and whether that can be said at all

`parse` is pure, and meant to run in a jail. `charsets.texts(content, part.charsets)` gives a text part as text,
`words.decode` a header for display, `splice.splice` new octets in the place of a part's own. `headers` reads the block
of a message byte for byte for those who only pass it on.
"""
