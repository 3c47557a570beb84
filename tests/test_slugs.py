"""Slugs: names of products in addresses."""

from stores.slugs import lengthened, slugify


def test_slugs_keep_letters_of_any_script() -> None:
    texts = ["Crème brûlée!", "Men's  Shoes — 42", "明前 龙井", "हिन्दी", "½ ²", "x" * 90]
    slugs = ["crème-brûlée", "mens-shoes-42", "明前-龙井", "हिन्दी", "", "x" * 80]
    assert [slugify(text) for text in texts] == slugs
    assert lengthened("x" * 80, "SKU 1") == "x" * 74 + "-sku-1"
