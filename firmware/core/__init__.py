"""What a cradle does, whatever it is made of. Nothing here sees a board."""
