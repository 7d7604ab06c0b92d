"""Facts about well-known rigs, so that they can be captured and posed before anybody has measured them."""
