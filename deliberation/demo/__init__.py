"""The demonstration community: invented people in a real community of 顺庆区, built through the real operations."""
