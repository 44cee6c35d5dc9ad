"""A stand-in for the package of Colab's machines."""
