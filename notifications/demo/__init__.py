"""The made-up network of the demonstration: Maasveld, which looks after pumps and measuring data, and its circle.

No room: it writes only through what the rooms offer, as people would.
"""
