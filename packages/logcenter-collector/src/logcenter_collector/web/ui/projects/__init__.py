"""Projects: the list, the settings of one, and how an application is connected to it."""
