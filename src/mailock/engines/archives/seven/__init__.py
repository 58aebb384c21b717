"""7-Zip's library, spoken to in its own way: it opens what nobody else here does (ARJ, WIM, CHM, disks, file systems).

It is the system's (Debian: p7zip-full), as libarchive is, so that its mends come with the system's. It is C++ that
reads hostile octets, in the jail only. What it asks of us, streams to read from and to write to, are objects of its
kind of COM: a pointer to a table of functions (`ours`); what it gives us we call through such tables (`theirs`).

Source: the interfaces as 7-Zip ships them (IArchive.h, IStream.h, IProgress.h, IPassword.h, PropID.h).
"""
