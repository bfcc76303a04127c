"""The report: executed notebooks and the page that leads to everything."""
