"""Characters: pose sets, captures, the fitting of landmarks -> controllers, and the bundles that carry it."""
