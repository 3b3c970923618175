"""Pages of community."""

from django.urls import path

from community import views, views_offices, views_owners, views_residents

app_name = "community"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("account/", views.account, name="account"),
    path("account/news/", views.read_news, name="read_news"),
    path("account/units/", views_owners.my_units, name="my_units"),
    path("register/owners/", views_owners.owners_desk, name="owners"),
    path("register/units/<int:pk>/", views_owners.unit_desk, name="unit_desk"),
    path("register/people/", views_residents.residents_desk, name="residents"),
    path("register/people/new/", views_residents.new_resident, name="new_resident"),
    path("register/people/<int:pk>/", views_residents.resident, name="resident"),
    path("register/offices/", views_offices.offices_desk, name="offices"),
    path("large-type/", views.large_type, name="large_type"),
]
