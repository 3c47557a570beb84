"""The command line and the application: imports all folders, imported by none."""
