"""Example plugins for tokgen."""
