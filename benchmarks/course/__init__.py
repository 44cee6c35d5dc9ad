"""A made-up class, marked by nbgrader's own kernel and by the book's marker."""
