"""More ways to hide an attachment: in how a multipart is split, how a part is headed, encoded and named."""

import base64
from typing import Final

from tests.parts import hiding
from tests.parts.hiding import (
    _EOL,
    _N,
    MIXED,
    NAME,
    PAYLOAD,
    TEXT,
    TRICKS,
    UNNAMED,
    Packed,
    Trick,
    _disposition,
    _type,
    attachment,
    fields,
    mixed,
    top,
)
