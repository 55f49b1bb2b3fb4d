"""What we tell the members, and how it reaches them."""

# The rooms of this app, lowest first: each may import those before it, never those after it.
# Models, admin, tasks and personal data are gathered from this one list.
ROOMS = ("mail", "audiences", "posts", "digests", "social")
