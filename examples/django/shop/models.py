from django.db import models


class Customer(models.Model):
    reference = models.CharField(max_length=250, unique=True)
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)
    dob = models.CharField(max_length=10)
    state = models.CharField(max_length=20, default="waiting")
    """``waiting`` until Shufti Pro's callback says ``approved`` or ``rejected``."""
