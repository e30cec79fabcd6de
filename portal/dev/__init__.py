"""For builders only: seed, walk and inbox; never loaded in production."""
