"""Controller curves: Maya's curve maths, smoothing, key reduction, takes."""
