"""Pages of voting."""

from django.urls import path

from voting import views, views_paper

app_name = "voting"
urlpatterns = [
    path("code/<str:code>/", views.code_landing, name="code"),
    path("<str:ballot_id>/", views.ballot_page, name="ballot"),
    path("<str:ballot_id>/result/", views.result_page, name="result"),
    path("<str:ballot_id>/certify/", views.certify_page, name="certify"),
    path("<str:ballot_id>/paper/", views_paper.paper_page, name="paper"),
]
