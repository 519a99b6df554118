"""One card a method: what is known of it before its code is imported."""
