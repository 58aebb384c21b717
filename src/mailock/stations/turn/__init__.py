"""What every station needs and none owns:

the loop, the hints between stations, deadlines, and the notices to senders.
"""
