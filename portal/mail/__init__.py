"""Letters: the queue, the evidence, and the ways out of the house."""
