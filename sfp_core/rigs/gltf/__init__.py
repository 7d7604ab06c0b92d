"""glTF and VRM files as rigs: their morph targets are controllers, our renderer draws them."""
