"""Finding faces and their 98 landmarks in pictures: the detector of the paper.

`pictures` reads files, `finder` finds face boxes, `crop` cuts the square that the network sees, `network` is the
stacked hourglass, `codec` turns its maps into points and back, `detector` joins them, `draw` shows the result.
Nothing is imported here, so that reading and drawing do not load torch.
"""
