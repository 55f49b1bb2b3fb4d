"""Django looks for admin once an app: this gathers those of the rooms."""

from alumni.rooms import modules

modules("admin")
