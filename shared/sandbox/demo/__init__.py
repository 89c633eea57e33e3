"""`make demo`: a shop's pull requests judged by the real actions on the embedded GitHub, and a page to look at."""
