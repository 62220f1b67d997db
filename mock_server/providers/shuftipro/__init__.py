"""Shufti Pro: one verification request, signed answers in PHP's JSON, signed callbacks."""
