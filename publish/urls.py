"""Pages of publish."""

from django.urls import path

from publish.views import board, desk, feeds, objections, seals, verify

app_name = "publish"
urlpatterns = [
    path("", board.board, name="board"),
    path("feed.atom", feeds.atom, name="feed"),
    path("calendar.ics", feeds.calendar, name="calendar"),
    path("sitemap.xml", feeds.sitemap, name="sitemap"),
    path("kiosk/", feeds.kiosk, name="kiosk"),
    path("kiosk/slides/", feeds.kiosk_slides, name="kiosk_slides"),
    path("desk/", desk.desk, name="desk"),
    path("seal/<str:code>/", seals.seal, name="seal"),
    path("seal/<str:code>/picture/", seals.picture, name="seal_picture"),
    path("seal/<str:code>/retire/", seals.retire, name="retire_seal"),
    path("verify/", verify.verify_file, name="verify_file"),
    path("verify/<str:digest>/", verify.verify, name="verify"),
    path("objections/<int:pk>/acknowledge/", objections.acknowledge, name="acknowledge"),
    path("objections/<int:pk>/rule/", objections.rule, name="rule"),
    path("objections/<int:pk>/take-back/", objections.take_back, name="take_back"),
    path("postings/<int:pk>/<str:act>/", desk.posting_act, name="posting_act"),
    path("evidence/<int:pk>/", desk.evidence_photo, name="evidence"),
    path("<int:pk>/", board.notice_page, name="notice"),
    path("<int:pk>/pdf", board.pdf, name="pdf"),
    path("<int:pk>/card.png", board.card_picture, name="card"),
    path("<int:pk>/variants/<str:variant>/", board.variant_progress, name="variant"),
    path("<int:pk>/variants/<str:variant>/ask/", board.ask_for_variant, name="ask_for_variant"),
    path("<int:pk>/endorse/<str:act>/", seals.endorse, name="endorse"),
    path("<int:pk>/object/", objections.objection_form, name="object"),
    path("<int:pk>/objections/", objections.objection_list, name="objections"),
    path("<int:pk>/postings/", desk.postings, name="postings"),
    path("<int:pk>/postings/add/", desk.add_place, name="add_place"),
    path("<int:pk>/retry/", desk.retry, name="retry"),
    path("<int:pk>/withdraw/", desk.withdraw, name="withdraw"),
    path("<str:number>/", board.notice_by_its_number, name="by_number"),
]
