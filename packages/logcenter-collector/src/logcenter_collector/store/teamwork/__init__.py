"""What is kept of who cares for issues: assignees, mutes, comments, saved views."""
