"""What it costs to send a cart, in cents."""

FREE_FROM = 5000


def shipping(total, express=False):
    if total >= FREE_FROM and not express:
        return 0
    if express:
        return 1290
    return 490
