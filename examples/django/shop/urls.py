from django.urls import path

from shop import views

urlpatterns = [path("customers", views.sign_up, name="sign-up"), path("callback", views.callback, name="callback")]
