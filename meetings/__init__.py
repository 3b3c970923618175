"""Meetings: agenda, attendance, speakers, motions, minutes. A meeting opens ballots and issues minutes."""
