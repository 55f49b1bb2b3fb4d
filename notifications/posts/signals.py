"""What this room announces. Listeners run in the transaction that changed the post: keep them short, or wake a worker.

`post_published(post_id)`: a post was published, or a published post got a new approved text. Listeners are idempotent.
`post_closed(post_id)`: a post that was published is closed; nothing of it may be sent any more.
"""

from django.dispatch import Signal

post_published = Signal()
post_closed = Signal()
