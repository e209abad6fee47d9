"""Prediction by partial matching (Cleary & Witten 1984)."""
