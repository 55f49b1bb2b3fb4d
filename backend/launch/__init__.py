"""`make run`: everything on one machine as one command. It ends together and leaves nothing behind."""
