"""Tools of the toolset core: status, dialogs, past calls, notifications, feeds, error codes."""
