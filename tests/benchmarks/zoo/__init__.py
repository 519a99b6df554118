"""One line for each method: what it reaches, beside what was published or a peer reaches in the same run."""
