"""Documents as files: formats read into and written from flat rows."""
