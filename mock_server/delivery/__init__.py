"""Outgoing callbacks: when they leave, where they may go, how they are sent, and what is done to them on
purpose. No vendor."""
