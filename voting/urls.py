"""Pages of voting."""

from django.urls import path

from voting import views, views_convening, views_desk, views_list, views_people, views_print, views_secret

app_name = "voting"
urlpatterns = [
    path("", views_list.ballot_list, name="list"),
    path("code/<str:code>/", views.code_landing, name="code"),
    path("verify.py", views.verify_program, name="verify_program"),
    path("new/", views_desk.new_page, name="new"),
    path("appraisal/", views_desk.appraisal_page, name="appraisal"),
    path("<str:ballot_id>/", views.ballot_page, name="ballot"),
    path("<str:ballot_id>/desk/", views_desk.desk_page, name="desk"),
    path("<str:ballot_id>/result/", views.result_page, name="result"),
    path("<str:ballot_id>/convening/", views_convening.convening_page, name="convening"),
    path("<str:ballot_id>/certify/", views.certify_page, name="certify"),
    path("<str:ballot_id>/paper/", views_secret.paper_page, name="paper"),
    path("<str:ballot_id>/paper/print/", views_print.print_page, name="print"),
    path("<str:ballot_id>/paper/print/<int:run_id>/", views_print.printed_file, name="printed"),
    path("<str:ballot_id>/people/", views_people.people_page, name="people"),
]
