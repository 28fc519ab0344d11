"""Text to tree. The only room that knows lark."""
