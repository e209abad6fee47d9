"""The Indian-names corpus: data only. This file exists so that every kind of install finds it."""
