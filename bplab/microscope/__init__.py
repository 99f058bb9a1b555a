"""What a step means: pure functions on its record, its network and one of its samples. No widgets."""
