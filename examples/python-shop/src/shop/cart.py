"""Carts and what they cost, in cents."""


class Cart:
    def __init__(self):
        self.items = []

    def add(self, name, cents, quantity=1):
        if quantity < 1:
            raise ValueError("quantity must be at least 1")
        self.items.append((name, cents, quantity))

    def total(self):
        return sum(cents * quantity for _, cents, quantity in self.items)

    def is_empty(self):
        return not self.items
