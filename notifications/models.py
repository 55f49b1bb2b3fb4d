"""Django looks for models once an app: this gathers those of the rooms."""

from notifications.audiences.models import *  # noqa: F403
from notifications.digests.models import *  # noqa: F403
from notifications.mail.models import *  # noqa: F403
from notifications.posts.models import *  # noqa: F403
from notifications.social.models import *  # noqa: F403
