"""The live path of a ballot: the writer commits votes in groups, the reader opens screens in groups."""
