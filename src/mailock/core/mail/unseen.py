"""Characters that no reader sees: they take no room, and make two names that look the same different ones.

Source: Unicode, DerivedCoreProperties.txt, Default_Ignorable_Code_Point.
"""

from typing import Final

_RANGES: Final = (
    *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F)),
    *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF)),
    *((0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)
UNSEEN: Final = {letter: None for first, last in _RANGES for letter in range(first, last + 1)}
"""For `str.translate`, which leaves them out."""
