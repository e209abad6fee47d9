"""What rich draws: the same views in every command and in the session."""
