"""Which changed files should show up in coverage."""

from __future__ import annotations

import pytest

from coverage_gate.product import is_product


@pytest.mark.parametrize(
    "path",
    [
        "src/cart.py",
        "src/contest.py",
        "pkg/latest.go",
        "src/main/java/Latest.java",
        "web/ApiSpec.ts",
        "cmd/attest/main.go",
        "AUDIT.sql",
    ],
)
def test_product_code_is(path: str) -> None:
    assert is_product(path)


@pytest.mark.parametrize(
    "path",
    [
        "tests/test_cart.py",
        "src/test_cart.py",
        "pkg/cart_test.go",
        "web/cart.spec.ts",
        "web/__tests__/cart.js",
        "src/test/java/CartTest.java",
        "src/CartTests.cs",
        "app/TestCart.java",
        "spec/cart_spec.rb",
        "conftest.py",
        "setup.py",
        "docs/conf.py",
        "vite.config.ts",
        "web/env.d.ts",
        "build.rs",
    ],
)
def test_tests_and_what_builds_are_not(path: str) -> None:
    assert not is_product(path)


def test_a_folder_with_a_tests_name_is_product_if_files_in_it_are_measured() -> None:
    assert not is_product("numpy/testing/utils.py")
    assert is_product("numpy/testing/utils.py", {"numpy/testing"})
    assert not is_product("numpy/testing/test_utils.py", {"numpy/testing"})
