"""Who is in the network, and what they agreed to."""

# The rooms of this app, lowest first: each may import those before it, never those after it.
# Models, admin, tasks and personal data are gathered from this one list.
ROOMS = ("accounts", "members", "consent", "joining", "privacy")
