"""Disk images: ISO 9660 and UDF, virtual disks, and the file systems on them."""
