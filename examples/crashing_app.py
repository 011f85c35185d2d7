"""A small program that crashes, and reports it: two lines are all that it takes.

Run it beside a collector: ``uv run python examples/crashing_app.py``
"""

import logcenter_sdk

# debug=True says on stderr what the reporter does; without it, it is silent.
logcenter_sdk.install_hook(project_id="shop_backend", environment="production", debug=True)

PRICES = {"tea": "4.20", "coffee": "5.10", "honey": "8,90"}


def price_of(article: str) -> float:
    """Return the price of an article."""
    return float(PRICES[article])


def total(basket: list[str]) -> float:
    """Return what a basket costs."""
    return sum(price_of(article) for article in basket)


if __name__ == "__main__":
    print(f"tea and coffee: {total(['tea', 'coffee']):.2f}")
    print(f"tea and honey: {total(['tea', 'honey']):.2f}")
