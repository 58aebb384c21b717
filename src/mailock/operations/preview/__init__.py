"""A message as text and pictures, for whoever has to judge it: read in the jail, shown without being opened.

`inside` runs in the jail; `flowing` makes text of HTML there, and `pixels` pixels of pictures. What comes out is words
and bare pixels (`wire`), which `outside` measures, and encodes anew.
"""
