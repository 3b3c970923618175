"""Pages of community."""

from django.urls import path

from community import views

app_name = "community"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("account/", views.account, name="account"),
    path("account/news/", views.read_news, name="read_news"),
    path("large-type/", views.large_type, name="large_type"),
]
