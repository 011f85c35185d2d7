"""When people are told of an issue: rules, events, and what folds into one message. Pure."""
