"""What the pages weigh and how fast they answer: ``make measure`` prints the tables."""
