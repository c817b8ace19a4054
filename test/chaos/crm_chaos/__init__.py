"""The chaos run; chaos.py beside this folder starts it."""
