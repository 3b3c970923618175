"""Decision rules, rolls, ballots, votes, tally, result, the live path. Needs only an electorate and a question."""
