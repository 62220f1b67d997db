"""A local stand-in for the Cloudcheck and Shufti Pro identity-verification APIs."""

__version__ = "1.0.0"
