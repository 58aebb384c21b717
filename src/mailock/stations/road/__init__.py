"""The road to other servers:

which there are, how one is reached, and the connection itself. Send and the call-out share it.
"""
