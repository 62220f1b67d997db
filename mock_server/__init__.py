"""A local stand-in for the Cloudcheck and Shufti Pro identity-verification APIs."""

__version__ = "0.1.0"
