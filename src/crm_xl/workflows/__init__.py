"""The stories, one file per thing a user asks for."""
