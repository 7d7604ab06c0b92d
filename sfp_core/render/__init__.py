"""Pictures from meshes on one processor core, without a graphics driver, and films from pictures."""
