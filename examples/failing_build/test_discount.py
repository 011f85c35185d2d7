"""A test that a build runs, and that fails: ten per cent off is written as ten."""

import unittest


def discounted(price: float, per_cent: float) -> float:
    """Return the price with a discount."""
    return price - per_cent


class DiscountTest(unittest.TestCase):
    """What the shop promises."""

    def test_nothing_off_is_the_price(self) -> None:
        """No discount changes nothing."""
        self.assertEqual(50.0, discounted(50.0, 0))  # noqa: PT009 - a build that needs no pytest

    def test_ten_per_cent_off(self) -> None:
        """Ten per cent of 50 are 5."""
        self.assertEqual(45.0, discounted(50.0, 10))  # noqa: PT009


if __name__ == "__main__":
    unittest.main()
