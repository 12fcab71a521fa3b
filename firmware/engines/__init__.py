"""One file a vendor family of scan engines; plain terminator lines need none."""
