"""The report's figures: functions of data files alone."""
