"""Sockets of voting."""

from django.urls import path

from voting.consumers import BallotConsumer

websocket_urlpatterns = [path("ws/ballots/<str:ballot_id>/", BallotConsumer.as_asgi())]
