"""Pictures, layers and LoRA files that the sandbox hands out, drawn from the request alone."""
