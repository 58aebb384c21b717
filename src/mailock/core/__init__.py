"""What thinks: functions from frozen values to frozen values, with no I/O, no clock and no logging."""
