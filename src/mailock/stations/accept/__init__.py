"""Station 1, accept: holds the SMTP conversation, says who may send what to whom, and takes custody.

250 means: on disk, synced.
"""
