"""Unofficial client for the Qwen Image models behind gateway.pixazo.ai."""
