import unittest

from shop.cart import Cart
from shop.shipping import shipping


class CartTest(unittest.TestCase):
    def test_total(self):
        cart = Cart()
        self.assertTrue(cart.is_empty())
        cart.add("tea", 350, 2)
        self.assertEqual(cart.total(), 700)

    def test_quantity(self):
        with self.assertRaises(ValueError):
            Cart().add("tea", 350, 0)


class ShippingTest(unittest.TestCase):
    def test_free_from(self):
        self.assertEqual(shipping(5000), 0)
        self.assertEqual(shipping(4999), 490)


if __name__ == "__main__":
    unittest.main()
