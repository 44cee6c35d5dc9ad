"""The Colab edition of a chapter: one notebook that needs nothing but Colab.

``edition`` makes it from the chapter, with the package and the stored results inside
(``carried``) and the text in plain Markdown (``text``, ``citations``).
"""
