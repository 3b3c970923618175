"""Pages of meetings."""

from django.urls import path

from meetings.views import calendar, chair, desk, minutes, pages, papers, screen, tasks

app_name = "meetings"
urlpatterns = [
    path("", pages.meeting_list, name="list"),
    path("calendar.ics", calendar.coming, name="calendar"),
    path("convene/<str:code>/", pages.convene, name="convene"),
    path("<int:meeting_id>/", pages.meeting_page, name="meeting"),
    path("<int:meeting_id>/meeting.ics", calendar.one, name="ics"),
    path("<int:meeting_id>/reply/", pages.reply, name="reply"),
    path("<int:meeting_id>/room/<slug:act>/", pages.act_in_room, name="room"),
    path("<int:meeting_id>/chair/", chair.chair_page, name="chair"),
    path("<int:meeting_id>/chair/<slug:act>/", chair.chair_act, name="chair_act"),
    path("<int:meeting_id>/desk/", desk.desk, name="desk"),
    path("<int:meeting_id>/desk/<int:attendance_id>/", desk.desk_act, name="desk_act"),
    path("<int:meeting_id>/desk/walk-in/", desk.walk_in, name="walk_in"),
    path("<int:meeting_id>/sheet/", desk.sheet, name="sheet"),
    path("<int:meeting_id>/poster/", desk.poster, name="poster"),
    path("<int:meeting_id>/poster.json", desk.poster_code, name="poster_code"),
    path("<int:meeting_id>/signin/", desk.signin_page, name="signin"),
    path("<int:meeting_id>/screen/", screen.screen, name="screen"),
    path("<int:meeting_id>/tasks/", tasks.tasks, name="tasks"),
    path("<int:meeting_id>/tasks/<slug:act>/", tasks.task_act, name="task_act"),
    path("<int:meeting_id>/proxies/", tasks.proxies, name="proxies"),
    path("<int:meeting_id>/proxies/<slug:act>/", tasks.proxy_act, name="proxy_act"),
    path("<int:meeting_id>/papers/", papers.papers, name="papers"),
    path("<int:meeting_id>/papers/<slug:act>/", papers.paper_act, name="paper_act"),
    path("<int:meeting_id>/papers/<int:paper_id>/file", papers.paper_file, name="paper_file"),
    path("<int:meeting_id>/minutes/", minutes.minutes_page, name="minutes"),
    path("<int:meeting_id>/minutes/<slug:act>/", minutes.minutes_act, name="minutes_act"),
]
