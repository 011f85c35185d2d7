"""What is true about issues whatever stores or serves them: pure functions of values and a clock."""
