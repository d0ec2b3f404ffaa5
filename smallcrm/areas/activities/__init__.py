"""What was done and what is to be done: notes, calls, meetings, visits, messages, tasks; today, calendar, reminders."""
