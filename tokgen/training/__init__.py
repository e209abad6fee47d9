"""From a recipe to a checkpoint: plan, train, resume, evaluate, keep."""
