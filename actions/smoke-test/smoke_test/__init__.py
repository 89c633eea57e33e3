"""smoke-test: does what was deployed do what it must, and how do we know?"""
