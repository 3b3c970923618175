"""Pages of deliberation."""

from django.urls import path

from deliberation.views import places, public, voices, work

app_name = "deliberation"
urlpatterns = [
    path("", public.home, name="home"),
    path("work/", work.work_list, name="work"),
    path("work/topics/", work.topics, name="topics"),
    path("work/tasks/<int:pk>/", work.task, name="task"),
    path("places/<str:code>/", places.place, name="place"),
    path("proposals/", public.proposal_list, name="proposals"),
    path("proposals/new/", voices.propose, name="propose"),
    path("proposals/<int:pk>/", public.proposal_page, name="proposal"),
    path("proposals/<int:pk>/card.png", public.card_picture, name="card"),
    path("proposals/<int:pk>/photos/<int:position>/", public.photo, name="photo"),
    path("proposals/<int:pk>/plans/<int:number>/", public.plan_page, name="plan"),
    path("proposals/<int:pk>/co-sign/", voices.co_sign, name="co_sign"),
    path("proposals/<int:pk>/opinion/", voices.give_opinion, name="opinion"),
    path("proposals/<int:pk>/opinions/<int:opinion>/answer/", voices.answer_opinion, name="answer_opinion"),
    path("proposals/<int:pk>/rate/", voices.rate, name="rate"),
    path("proposals/<int:pk>/moves/<slug:key>/", work.move, name="move"),
    path("proposals/<int:pk>/acts/<slug:key>/", work.act, name="act"),
]
