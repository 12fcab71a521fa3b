"""What every form of the inner loops looks up."""

# GS1's character set 82: one bit for each of 0x20..0x7F, eight to the octet, lowest first.
# Source: GS1 General Specifications, figure 7.11-1.
SET82 = bytes((0xE6, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0xFF, 0x87, 0xFE, 0xFF, 0xFF, 0x07))

# Days of each month. Every century that this code will live through has its leap years at the
# multiples of four.
DAYS = bytes((31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31))
